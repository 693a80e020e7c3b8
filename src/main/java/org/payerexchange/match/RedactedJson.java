package org.payerexchange.match;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;

/**
 * The shape of a JSON body, fit for the ledger and a log: the names of known fields and resource
 * types, but no other name or value, as any may be PHI.
 */
final class RedactedJson {
  private static final int LONGEST = 500;
  private static final int DEEPEST = 6;

  /** A payer may use a member's name or id for a key: only what is known to be none is told. */
  private static final Set<String> KNOWN_NAMES =
      Set.of(
          "resourceType",
          "id",
          "meta",
          "parameter",
          "part",
          "name",
          "resource",
          "entry",
          "contained",
          "identifier",
          "type",
          "coding",
          "system",
          "code",
          "display",
          "value",
          "valueString",
          "valueIdentifier",
          "valueReference",
          "valueId",
          "reference",
          "groupId",
          "group",
          "member",
          "memberId",
          "entity",
          "status",
          "issue",
          "severity",
          "details",
          "text",
          "diagnostics",
          "error",
          "message",
          "data",
          "result",
          "results");

  private static final Set<String> KNOWN_TYPES =
      Set.of(
          "Parameters",
          "Bundle",
          "Group",
          "Patient",
          "Coverage",
          "Consent",
          "OperationOutcome",
          "Binary",
          "Person",
          "Basic");

  private final StringBuilder text = new StringBuilder();

  private RedactedJson() {}

  static String of(JsonNode body) {
    RedactedJson redacted = new RedactedJson();
    redacted.add(body, 0);
    return redacted.isFull() ? redacted.text.substring(0, LONGEST) + "…" : redacted.text.toString();
  }

  private void add(JsonNode node, int depth) {
    if (isFull()) {
      return;
    }
    if (depth > DEEPEST || node.isValueNode() || node.isMissingNode()) {
      text.append('…');
    } else if (node.isArray()) {
      array(node, depth);
    } else {
      object(node, depth);
    }
  }

  private void array(JsonNode array, int depth) {
    String separator = "[";
    for (JsonNode item : array) {
      text.append(separator);
      add(item, depth + 1);
      separator = ", ";
    }
    text.append(array.isEmpty() ? "[]" : "]");
  }

  private void object(JsonNode object, int depth) {
    String separator = "{";
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      String name = KNOWN_NAMES.contains(field.getKey()) ? field.getKey() : "…";
      text.append(separator).append(name).append(": ");
      String value = field.getValue().asText();
      if (name.equals("resourceType") && KNOWN_TYPES.contains(value)) {
        text.append(value);
      } else {
        add(field.getValue(), depth + 1);
      }
      separator = ", ";
    }
    text.append(object.isEmpty() ? "{}" : "}");
  }

  private boolean isFull() {
    return text.length() > LONGEST;
  }
}
