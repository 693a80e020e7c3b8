package org.payerexchange.retrieve;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import org.payerexchange.http.JsonLimits;

/**
 * Reads a page entry by entry: a Bundle (FHIR R4, "Paging"), or a resource by itself. Numbers stay
 * as they were written.
 */
final class PageJson {
  private static final long MOST_TOKENS = 1L << 20;

  private static final JsonMapper JSON =
      JsonLimits.resources(MOST_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private PageJson() {}

  /** Takes the entries of a Bundle. */
  interface Entries {
    void take(JsonNode entry) throws IOException;
  }

  /**
   * Reads a body to its end.
   *
   * @return what it holds beside its entries
   * @throws JsonProcessingException if it is no JSON object, or is beyond the bounds
   * @throws IOException if the body, or where the entries go, fails
   */
  static ObjectNode read(InputStream body, Entries entries) throws IOException {
    ObjectNode rest = JSON.createObjectNode();
    try (JsonParser json = JSON.createParser(body)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new JsonParseException(json, "no object");
      }
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        if (json.nextToken() == JsonToken.START_ARRAY && name.equals("entry")) {
          while (json.nextToken() != JsonToken.END_ARRAY) {
            entries.take(tree(json));
          }
        } else {
          rest.set(name, tree(json));
        }
      }
      if (json.nextToken() != null) {
        throw new JsonParseException(json, "more than an object");
      }
    }
    return rest;
  }

  private static JsonNode tree(JsonParser json) throws IOException {
    try {
      return JSON.readTree(json);
    } catch (NumberFormatException absurd) {
      throw new JsonParseException(json, "a number whose exponent is beyond all bounds", absurd);
    }
  }

  /** A resource in one line, without a line feed. */
  static byte[] line(JsonNode resource) throws IOException {
    return JSON.writeValueAsBytes(resource);
  }

  static JsonNode parse(byte[] line) throws IOException {
    return JSON.readTree(line);
  }
}
