package org.payerexchange.dialect.pdex;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Iterator;

/**
 * The body of {@code POST Group/$bulk-member-match} (PDex 2.2). It goes with {@code Content-Type}
 * and {@code Accept: application/fhir+json} and {@code Prefer: respond-async}.
 */
final class BulkMatchRequest {
  private final JsonMapper json;

  BulkMatchRequest(JsonMapper json) {
    this.json = json;
  }

  /**
   * Writes it member by member, so that one member at a time is in memory. The stream stays open.
   *
   * @param members at least one, each without problems, each with an id of its own
   * @throws IllegalArgumentException if there are none: payers refuse an empty request
   * @throws IOException if the stream cannot be written
   */
  void write(Iterator<MemberBundle> members, OutputStream out) throws IOException {
    if (!members.hasNext()) {
      throw new IllegalArgumentException("a match is asked for at least one member");
    }
    JsonGenerator body = json.getFactory().createGenerator(out, JsonEncoding.UTF8);
    body.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    // a body that breaks off must not look whole
    body.disable(JsonGenerator.Feature.AUTO_CLOSE_JSON_CONTENT);
    try (body) {
      body.setCodec(json);
      body.writeStartObject();
      body.writeStringField("resourceType", "Parameters");
      body.writeArrayFieldStart("parameter");
      while (members.hasNext()) {
        body.writeTree(members.next().parameter());
      }
      body.writeEndArray();
      body.writeEndObject();
    }
  }
}
