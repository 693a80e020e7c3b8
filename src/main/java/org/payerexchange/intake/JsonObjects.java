package org.payerexchange.intake;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.TreeMap;
import org.payerexchange.http.JsonLimits;

/**
 * Reads JSON objects strictly and in bounds, and writes them with their keys in order, numbers as
 * they came.
 */
public final class JsonObjects {
  private static final int MOST_TOKENS = 1 << 18;
  private static final JsonMapper MAPPER =
      JsonLimits.builder(MOST_TOKENS, Integer.MAX_VALUE)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .nodeFactory(new SortedObjects())
          .build();

  private JsonObjects() {}

  /** The object that the bytes are, or nothing if they are anything else. */
  public static Optional<ObjectNode> parse(byte[] bytes) {
    try {
      return object(bytes);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Why the bytes are not an object that is taken; without the parser's words, they quote. */
  static String problem(byte[] bytes) {
    try {
      object(bytes);
    } catch (StreamConstraintsException e) {
      return "is nested too deep, or has too many or too long JSON tokens";
    } catch (IOException e) {
      // as if it had ended otherwise
    }
    return Utf8.problem(bytes, "is not a JSON object");
  }

  private static Optional<ObjectNode> object(byte[] bytes) throws IOException {
    Optional<String> text = Utf8.decode(bytes);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try (JsonParser parser = MAPPER.createParser(text.get())) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      ObjectNode object = readObject(parser);
      return parser.nextToken() == null ? Optional.of(object) : Optional.empty();
    }
  }

  private static ObjectNode readObject(JsonParser parser) throws IOException {
    ObjectNode object = create();
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      parser.nextToken();
      object.set(name, readValue(parser));
    }
    return object;
  }

  private static ArrayNode readArray(JsonParser parser) throws IOException {
    ArrayNode array = MAPPER.createArrayNode();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      array.add(readValue(parser));
    }
    return array;
  }

  private static JsonNode readValue(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> readObject(parser);
      case START_ARRAY -> readArray(parser);
      case VALUE_NUMBER_INT -> new WrittenNumber(parser.getText(), true);
      case VALUE_NUMBER_FLOAT -> new WrittenNumber(parser.getText(), false);
      case VALUE_TRUE -> MAPPER.getNodeFactory().booleanNode(true);
      case VALUE_FALSE -> MAPPER.getNodeFactory().booleanNode(false);
      case VALUE_NULL -> MAPPER.nullNode();
      default -> MAPPER.getNodeFactory().textNode(parser.getText());
    };
  }

  static ObjectNode create() {
    return MAPPER.createObjectNode();
  }

  /** Writes JSON in UTF-8, whose size is not known before. */
  static JsonGenerator generator(OutputStream out) throws IOException {
    return MAPPER.createGenerator(out);
  }

  static String write(ObjectNode object) {
    try {
      return MAPPER.writeValueAsString(object);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree could not be written");
    }
  }

  /** The same in UTF-8. */
  static byte[] bytes(ObjectNode object) {
    try {
      return MAPPER.writeValueAsBytes(object);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree could not be written");
    }
  }

  static String writePretty(ObjectNode object) {
    return object.toPrettyString();
  }

  /** Objects that have their keys in order: to sort them each time one is written costs more. */
  private static final class SortedObjects extends JsonNodeFactory {
    private static final long serialVersionUID = 1L;

    @Override
    public ObjectNode objectNode() {
      return new ObjectNode(this, new TreeMap<>());
    }
  }
}
