package org.payerexchange.match;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * The shape of a JSON body, fit for the ledger and a log: names of fields and resource types, but
 * no other value, as any may be PHI.
 */
final class RedactedJson {
  private static final int LONGEST = 500;
  private static final int DEEPEST = 6;
  private static final String PLAIN_NAME = "[A-Za-z][A-Za-z-]{0,39}";

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
      String name = field.getKey().matches(PLAIN_NAME) ? field.getKey() : "…";
      text.append(separator).append(name).append(": ");
      String value = field.getValue().asText();
      if (name.equals("resourceType") && value.matches(PLAIN_NAME)) {
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
