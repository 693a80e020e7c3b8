package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Optional;

/**
 * Which resource a line of a file is, read without a tree of it. A line that cannot be read is
 * none; it is told of when it is sent.
 *
 * @param id the payer's
 */
record LineHead(String id, ResourceVersion version) {

  /** Reads both; they stand at the beginning. */
  static Optional<LineHead> of(byte[] line) {
    String id = null;
    ResourceVersion version = null;
    try (JsonParser parser = FhirJson.mapper().createParser(line)) {
      parser.nextToken();
      while ((id == null || version == null) && parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        JsonToken value = parser.nextToken();
        if (field.equals("id") && value == JsonToken.VALUE_STRING) {
          id = parser.getText();
        } else if (field.equals("meta") && value == JsonToken.START_OBJECT) {
          version = version(parser);
        } else {
          parser.skipChildren();
        }
      }
    } catch (IOException unreadable) {
      return Optional.empty();
    }
    ResourceVersion known = version == null ? ResourceVersion.NONE : version;
    return Optional.ofNullable(id).map(own -> new LineHead(own, known));
  }

  private static ResourceVersion version(JsonParser meta) throws IOException {
    String number = "";
    String updated = "";
    while (meta.nextToken() == JsonToken.FIELD_NAME) {
      String field = meta.currentName();
      boolean scalar = meta.nextToken().isScalarValue();
      if (scalar && field.equals("versionId")) {
        number = meta.getText();
      } else if (scalar && field.equals("lastUpdated")) {
        updated = meta.getText();
      } else {
        meta.skipChildren();
      }
    }
    return ResourceVersion.of(number, updated);
  }
}
