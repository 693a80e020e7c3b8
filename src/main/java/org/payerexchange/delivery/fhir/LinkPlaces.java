package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.core.JsonPointer;
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
    visit(resource, JsonPointer.empty(), visitor);
  }

  private static void visit(JsonNode element, JsonPointer place, Visitor visitor) {
    if (element instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> field : object.properties()) {
        String name = field.getKey();
        JsonPointer below = place.appendProperty(name);
        if (!field.getValue().isTextual()) {
          visit(field.getValue(), below, visitor);
        } else if (name.equals(FhirEntry.Link.REFERENCE) || name.equals(FhirEntry.Link.URL)) {
          visitor.at(object, name, below.toString());
        }
      }
    } else {
      for (int i = 0; i < element.size(); i++) {
        visit(element.get(i), place.appendIndex(i), visitor);
      }
    }
  }
}
