package org.payerexchange.intake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** Reads JSON objects strictly and writes them with their keys in order, numbers as they came. */
final class JsonObjects {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED)
          .build();

  private JsonObjects() {}

  /** The object that the bytes are, or nothing if they are anything else. */
  static Optional<ObjectNode> parse(byte[] bytes) {
    return Utf8.decode(bytes).flatMap(JsonObjects::parse);
  }

  private static Optional<ObjectNode> parse(String text) {
    try {
      JsonNode tree = MAPPER.readTree(text);
      return tree instanceof ObjectNode object ? Optional.of(object) : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  static ObjectNode create() {
    return MAPPER.createObjectNode();
  }

  static String write(ObjectNode object) {
    try {
      return MAPPER.writeValueAsString(object);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree could not be written");
    }
  }

  static String writePretty(ObjectNode object) {
    return object.toPrettyString();
  }
}
