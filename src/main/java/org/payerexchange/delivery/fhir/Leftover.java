package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * A change that the FHIR server did not make. As a line of {@code undeliverable.ndjson}: {@code
 * {"file": "Patient-3.ndjson", "line": 17, "method": "PUT", "url": "Patient/bison.1", "status":
 * 422, "resource": {…}, "outcome": {"resourceType": "OperationOutcome", …}}}.
 *
 * @param status the HTTP status that the server gave the entry; 0 where it was never sent
 * @param outcome the OperationOutcome that says why, null if there is none; PHI
 */
record Leftover(FhirEntry entry, int status, JsonNode outcome) {

  /** One that is our own finding. */
  static Leftover ofOwn(FhirEntry entry, String diagnostics) {
    ObjectNode outcome = JsonNodeFactory.instance.objectNode();
    outcome.put("resourceType", "OperationOutcome");
    outcome
        .putArray("issue")
        .addObject()
        .put("severity", "error")
        .put("code", "invalid")
        .put("diagnostics", diagnostics);
    return new Leftover(entry, 0, outcome);
  }

  static Leftover of(JsonNode line) {
    FhirEntry entry =
        new FhirEntry(
            line.path("file").asText(),
            line.path("line").asLong(),
            line.path("method").asText(),
            line.path("url").asText(),
            line.get("resource") instanceof ObjectNode resource ? resource : null,
            List.of());
    return new Leftover(entry, line.path("status").asInt(), line.get("outcome"));
  }

  ObjectNode toJson() {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("file", entry.file()).put("line", entry.line());
    line.put("method", entry.method()).put("url", entry.url()).put("status", status);
    if (entry.resource() != null) {
      line.set("resource", entry.resource());
    }
    if (outcome != null) {
      line.set("outcome", outcome);
    }
    return line;
  }

  /** Whether the server says that it is only busy. */
  boolean isBusy() {
    return status == 429 || status == 503;
  }

  /** Whether the same may be taken another time for what the status says. */
  boolean canPass() {
    return isBusy() || status == 408 || status == 409 || status == 423 || status >= 500;
  }

  /** Where it came from and the status. */
  @Override
  public String toString() {
    return entry + ": " + status;
  }
}
