package org.payerexchange.dialect.pdex;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Set;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * Reads of an answer's JSON what the names of fields pick, and only so much of it. All else is
 * skipped without being made objects.
 */
final class PickedJson {
  private static final Set<String> NAMES =
      Set.of(
          "resourceType",
          "id",
          // Parameters, Bundle, Binary, and the answer of AWS HealthLake
          "parameter",
          "part",
          "resource",
          "entry",
          "output",
          "data",
          // Group
          "code",
          "coding",
          "member",
          "entity",
          "inactive",
          "reference",
          "extension",
          "url",
          "valueReference",
          "contained",
          // Patient, Coverage
          "identifier",
          "system",
          "value",
          "name",
          "family",
          "given",
          "birthDate",
          "gender",
          "subscriberId");

  /** Lists that grow with the members. */
  private static final Set<String> LONG = Set.of("member", "contained", "parameter", "entry");

  /** No person has so many names or identifiers; each is compared with each member's. */
  private static final int LONGEST_OTHER = 100;

  private final AnswerLimits limits;
  private int values;
  private int members;

  PickedJson(AnswerLimits limits) {
    this.limits = limits;
  }

  /**
   * Reads the value that the parser stands at.
   *
   * @throws TransferException {@link FailureReason#TOO_LARGE} if all that was read holds more than
   *     the limits allow, {@link FailureReason#BAD_ANSWER} if an object has a field twice
   */
  JsonNode read(JsonParser json) throws IOException {
    return read(json, "");
  }

  private JsonNode read(JsonParser json, String name) throws IOException {
    if (++values > limits.values()) {
      throw tooMany("values", limits.values());
    }
    return switch (json.currentToken()) {
      case START_OBJECT -> object(json);
      case START_ARRAY -> array(json, name);
      case VALUE_STRING -> JsonNodeFactory.instance.textNode(json.getText());
      case VALUE_TRUE, VALUE_FALSE -> JsonNodeFactory.instance.booleanNode(json.getBooleanValue());
      default -> JsonNodeFactory.instance.nullNode();
    };
  }

  private ObjectNode object(JsonParser json) throws IOException {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      json.nextToken();
      if (!NAMES.contains(name)) {
        json.skipChildren();
      } else if (object.has(name)) {
        throw new TransferException(
            FailureReason.BAD_ANSWER, "the answer to the match has an object with a field twice");
      } else {
        object.set(name, read(json, name));
      }
    }
    return object;
  }

  private ArrayNode array(JsonParser json, String name) throws IOException {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (name.equals("member") && ++members > limits.members()) {
        throw tooMany("entries of members", limits.members());
      }
      if (!LONG.contains(name) && array.size() == LONGEST_OTHER) {
        throw tooMany("items in a list", LONGEST_OTHER);
      }
      array.add(read(json));
    }
    return array;
  }

  private static TransferException tooMany(String what, int most) {
    return new TransferException(
        FailureReason.TOO_LARGE,
        "the answer to the match has more %s than %s, which is more than the members that were asked for can have"
            .formatted(what, most));
  }
}
