package org.payerexchange.intake;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.apache.activemq.artemis.api.core.ActiveMQBuffer;
import org.apache.activemq.artemis.reader.MapMessageUtil;
import org.apache.activemq.artemis.reader.StreamMessageUtil;
import org.apache.activemq.artemis.utils.collections.TypedProperties;

/**
 * The values of a MapMessage or a StreamMessage as JSON that loses nothing: text, booleans and null
 * stand as they are; of any other value its Java type and its text: {@code {"Integer": "7"}}, bytes
 * in Base64.
 */
final class ValuesAsJson {
  private ValuesAsJson() {}

  /** An object with a field for each name. */
  static String map(ActiveMQBuffer body) {
    TypedProperties values = MapMessageUtil.readBodyMap(body);
    ObjectNode json = JsonObjects.create();
    for (Map.Entry<String, Object> value : values.getMap().entrySet()) {
      ArrayNode one = json.arrayNode();
      add(one, value.getValue());
      json.set(value.getKey(), one.get(0));
    }
    return JsonObjects.write(json);
  }

  /** An array of the values in their order. */
  static String stream(ActiveMQBuffer body) {
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    while (body.readable()) {
      add(json, StreamMessageUtil.streamReadObject(body));
    }
    return json.toString();
  }

  private static void add(ArrayNode json, Object value) {
    if (value == null) {
      json.addNull();
    } else if (value instanceof Boolean bool) {
      json.add(bool);
    } else if (value instanceof byte[] bytes) {
      json.addObject().put("bytes", bytes);
    } else if (value instanceof CharSequence) {
      json.add(value.toString());
    } else {
      json.addObject().put(value.getClass().getSimpleName(), value.toString());
    }
  }
}
