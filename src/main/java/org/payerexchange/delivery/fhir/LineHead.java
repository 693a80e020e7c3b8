package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.util.Optional;

/**
 * Which resource a line of a file is, read without a tree of it. A line that cannot be read is
 * none; it is told of when it is sent.
 *
 * @param id the payer's
 */
record LineHead(String id, ResourceVersion version) {

  /** The id alone, which costs less: it stands at the beginning. */
  static Optional<String> id(byte[] line) {
    return read(line, false).map(LineHead::id);
  }

  /** Id and version. */
  static Optional<LineHead> of(byte[] line) {
    return read(line, true);
  }

  private static Optional<LineHead> read(byte[] line, boolean withVersion) {
    String id = null;
    JsonNode meta = withVersion ? null : MissingNode.getInstance();
    try (JsonParser parser = FhirJson.mapper().createParser(line)) {
      parser.nextToken();
      while ((id == null || meta == null) && parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        JsonToken value = parser.nextToken();
        if (field.equals("id") && value == JsonToken.VALUE_STRING) {
          id = parser.getText();
        } else if (field.equals("meta") && withVersion) {
          meta = parser.readValueAsTree();
        } else {
          parser.skipChildren();
        }
      }
    } catch (IOException unreadable) {
      return Optional.empty();
    }
    return id == null
        ? Optional.empty()
        : Optional.of(
            new LineHead(id, ResourceVersion.of(meta == null ? MissingNode.getInstance() : meta)));
  }
}
