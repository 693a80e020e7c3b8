package org.payerexchange.intake;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.activemq.artemis.api.core.ActiveMQBuffer;
import org.apache.activemq.artemis.reader.StreamMessageUtil;
import org.apache.activemq.artemis.utils.DataConstants;

/**
 * The values of a MapMessage or a StreamMessage as JSON that loses nothing: text, booleans and null
 * stand as they are; of any other value its Java type and its text: {@code {"Integer": "7"}}, bytes
 * in Base64. It is written as it is read, and no length that the sender wrote is believed: the
 * broker's own reader of maps makes room for whatever is announced.
 */
final class ValuesAsJson {
  private final int maxBytes;

  /**
   * Makes no longer JSON.
   *
   * @param maxBytes in UTF-8
   */
  ValuesAsJson(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /**
   * An object with a field for each name, or nothing if it would be too long.
   *
   * @throws RuntimeException if the body is not that of a MapMessage
   */
  Optional<String> map(ActiveMQBuffer body) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (JsonGenerator json = JsonObjects.generator(text)) {
      json.writeStartObject();
      int left = body.readByte() == DataConstants.NULL ? 0 : body.readInt();
      while (left > 0 && text.size() <= maxBytes) {
        json.writeFieldName(body.readSimpleString().toString());
        writeNamed(json, body);
        left--;
      }
      if (left < 0 || (left == 0 && body.readable())) {
        throw new IndexOutOfBoundsException("a map of another size");
      }
      json.writeEndObject();
    }
    return bounded(text);
  }

  /**
   * An array of the values in their order, or nothing if it would be too long.
   *
   * @throws RuntimeException if the body is not that of a StreamMessage
   */
  Optional<String> stream(ActiveMQBuffer body) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (JsonGenerator json = JsonObjects.generator(text)) {
      json.writeStartArray();
      while (body.readable() && text.size() <= maxBytes) {
        write(json, value(body));
      }
      json.writeEndArray();
    }
    return bounded(text);
  }

  private Optional<String> bounded(ByteArrayOutputStream text) {
    return text.size() <= maxBytes
        ? Optional.of(text.toString(StandardCharsets.UTF_8))
        : Optional.empty();
  }

  /** In a map null and text are written otherwise than in a stream. */
  private static void writeNamed(JsonGenerator json, ActiveMQBuffer body) throws IOException {
    switch (body.getByte(body.readerIndex())) {
      case DataConstants.NULL -> {
        body.skipBytes(1);
        json.writeNull();
      }
      case DataConstants.STRING -> {
        body.skipBytes(1);
        json.writeString(body.readSimpleString().toString());
      }
      default -> write(json, value(body));
    }
  }

  private static Object value(ActiveMQBuffer body) {
    int at = body.readerIndex();
    if (body.getByte(at) == DataConstants.BYTES && body.getInt(at + 1) > body.readableBytes()) {
      throw new IndexOutOfBoundsException("fewer bytes than announced");
    }
    return StreamMessageUtil.streamReadObject(body);
  }

  private static void write(JsonGenerator json, Object value) throws IOException {
    if (value == null) {
      json.writeNull();
    } else if (value instanceof Boolean bool) {
      json.writeBoolean(bool);
    } else if (value instanceof String text) {
      json.writeString(text);
    } else {
      json.writeStartObject();
      if (value instanceof byte[] bytes) {
        json.writeBinaryField("bytes", bytes);
      } else {
        json.writeStringField(value.getClass().getSimpleName(), value.toString());
      }
      json.writeEndObject();
    }
  }
}
