package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.payerexchange.http.JsonLimits;

/**
 * FHIR's JSON as trees: decimals keep all their digits, 1.50 stays 1.50. What names a key twice is
 * none.
 */
final class FhirJson {
  private static final int MOST_TOKENS = 1 << 18;

  private static final JsonMapper JSON = build(JsonLimits.resources(MOST_TOKENS));
  private static final JsonMapper KEPT = build(JsonLimits.kept());

  private FhirJson() {}

  private static JsonMapper build(JsonMapper.Builder mapper) {
    return mapper
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
        .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
        .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
        .build();
  }

  /** A mapper for a single use, such as writing to a stream. */
  static JsonMapper mapper() {
    return JSON;
  }

  /**
   * Reads a tree.
   *
   * @throws IOException if it is not JSON, or has a number or text of absurd length
   */
  static JsonNode read(byte[] json) throws IOException {
    try {
      return JSON.readTree(json);
    } catch (NumberFormatException absurd) {
      throw new IOException("a number whose exponent is beyond all bounds", absurd);
    }
  }

  /** Reads a tree. */
  static JsonNode read(String json) throws JsonProcessingException {
    return JSON.readTree(json);
  }

  /** Reads a tree that was written here, of what had been read within its bounds. */
  static JsonNode readKept(byte[] json) throws IOException {
    return KEPT.readTree(json);
  }

  /** Reads a tree that was written here, of what had been read within its bounds. */
  static JsonNode readKept(String json) throws JsonProcessingException {
    return KEPT.readTree(json);
  }

  /** Writes a tree in UTF-8. */
  static byte[] bytes(JsonNode tree) {
    return write(tree).getBytes(StandardCharsets.UTF_8);
  }

  /** Writes a tree. */
  static String write(JsonNode tree) {
    try {
      return JSON.writeValueAsString(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree in memory can be written", e);
    }
  }
}
