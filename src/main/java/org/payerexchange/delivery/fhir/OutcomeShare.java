package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/**
 * Reads an OperationOutcome as it comes, and keeps its first issues: the first in any case, in part
 * where it is larger than the share, the others whole as long as they fit. What is left out is
 * counted in an issue of our own. For a single one; not thread-safe.
 */
final class OutcomeShare {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final JsonParser from;
  private int tokens;
  private int characters;
  private boolean usedUp;

  private OutcomeShare(JsonParser from, AnswerLimits limits) {
    this.from = from;
    this.tokens = limits.tokens();
    this.characters = limits.characters();
  }

  /**
   * Reads one to its end.
   *
   * @param from at its beginning
   */
  static ObjectNode read(JsonParser from, AnswerLimits limits) throws IOException {
    return new OutcomeShare(from, limits).outcome();
  }

  private ObjectNode outcome() throws IOException {
    ObjectNode outcome = NODES.objectNode();
    while (from.nextToken() == JsonToken.FIELD_NAME) {
      String name = from.currentName();
      JsonToken value = from.nextToken();
      if (name.equals("resourceType") && value == JsonToken.VALUE_STRING) {
        outcome.put(name, text());
      } else if (name.equals("issue") && value == JsonToken.START_ARRAY) {
        issues(outcome.putArray(name));
      } else {
        from.skipChildren();
      }
    }
    return outcome;
  }

  private void issues(ArrayNode issues) throws IOException {
    long leftOut = 0;
    while (from.nextToken() != JsonToken.END_ARRAY) {
      JsonNode issue = value();
      if (!usedUp || issues.isEmpty()) {
        issues.add(issue);
      } else {
        leftOut++;
      }
    }
    if (leftOut > 0) {
      issues
          .addObject()
          .put("severity", "information")
          .put("code", "informational")
          .put("diagnostics", "%s more issue(s) are left out".formatted(leftOut));
    }
  }

  /** What begins here; nothing but its kind once the share is used up. */
  private JsonNode value() throws IOException {
    use(1, 0);
    return switch (from.currentToken()) {
      case START_OBJECT -> object();
      case START_ARRAY -> array();
      case VALUE_STRING -> NODES.textNode(text());
      case VALUE_TRUE, VALUE_FALSE -> NODES.booleanNode(from.getBooleanValue());
      case VALUE_NUMBER_INT -> NODES.numberNode(from.getBigIntegerValue());
      case VALUE_NUMBER_FLOAT -> NODES.numberNode(from.getDoubleValue());
      default -> NODES.nullNode();
    };
  }

  private ObjectNode object() throws IOException {
    ObjectNode object = NODES.objectNode();
    while (from.nextToken() == JsonToken.FIELD_NAME) {
      String name = from.currentName();
      from.nextToken();
      use(1, name.length());
      if (usedUp) {
        from.skipChildren();
      } else {
        object.set(name, value());
      }
    }
    use(1, 0);
    return object;
  }

  private ArrayNode array() throws IOException {
    ArrayNode array = NODES.arrayNode();
    while (from.nextToken() != JsonToken.END_ARRAY) {
      if (usedUp) {
        from.skipChildren();
      } else {
        array.add(value());
      }
    }
    use(1, 0);
    return array;
  }

  private String text() throws IOException {
    String text = from.getText();
    int kept = Math.min(text.length(), Math.max(characters, 0));
    use(0, text.length());
    return text.substring(0, isWithinCharacter(text, kept) ? kept - 1 : kept);
  }

  private static boolean isWithinCharacter(String text, int at) {
    return at > 0
        && at < text.length()
        && Character.isSurrogatePair(text.charAt(at - 1), text.charAt(at));
  }

  private void use(int moreTokens, int moreCharacters) {
    tokens -= moreTokens;
    characters -= moreCharacters;
    usedUp |= tokens < 0 || characters < 0;
  }
}
