package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * Walks to all places of a resource where a link may stand: each text that is called {@code
 * reference} or {@code url}, also below elements that are called so themselves, as {@code
 * CarePlan.activity.reference}.
 */
final class LinkPlaces {

  /** Learns of them. */
  @FunctionalInterface
  interface Visitor {
    /**
     * Of one.
     *
     * @param field {@value FhirEntry.Link#REFERENCE} or {@value FhirEntry.Link#URL}
     * @param place the text's, as a JSON pointer (RFC 6901)
     */
    void at(ObjectNode holder, String field, String place);
  }

  private LinkPlaces() {}

  /** Tells of all that there are in a resource. */
  static void visit(ObjectNode resource, Visitor visitor) {
    visit(resource, new StringBuilder(), visitor);
  }

  private static void visit(JsonNode element, StringBuilder place, Visitor visitor) {
    int here = place.length();
    if (element instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> field : object.properties()) {
        String name = field.getKey();
        if (!field.getValue().isTextual()) {
          visit(field.getValue(), place.append('/').append(escaped(name)), visitor);
        } else if (name.equals(FhirEntry.Link.REFERENCE) || name.equals(FhirEntry.Link.URL)) {
          visitor.at(object, name, place.append('/').append(name).toString());
        }
        place.setLength(here);
      }
    } else {
      for (int i = 0; i < element.size(); i++) {
        visit(element.get(i), place.append('/').append(i), visitor);
        place.setLength(here);
      }
    }
  }

  private static String escaped(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }
}
