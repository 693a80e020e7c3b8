package org.payerexchange.match;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * The shape of a JSON body, fit for the ledger and a log: the names that a specification gives to
 * fields and resource types. No value is told, and of any other name only its place in its object,
 * {@code …3}: a payer may use a member's name or id for a key.
 */
final class RedactedJson {
  private static final int LONGEST = 500;
  private static final int DEEPEST = 6;

  private final StringBuilder text = new StringBuilder();

  private final FieldNames names;

  private RedactedJson(FieldNames names) {
    this.names = names;
  }

  static String of(JsonNode body, FieldNames names) {
    RedactedJson redacted = new RedactedJson(names);
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
    int position = 0;
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      position++;
      String name = names.fields().contains(field.getKey()) ? field.getKey() : "…" + position;
      text.append(separator).append(name).append(": ");
      String value = field.getValue().asText();
      if (name.equals("resourceType") && names.types().contains(value)) {
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
