package org.payerexchange.split;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.payerexchange.dialect.PathSegment;
import org.payerexchange.payer.Payer;

/**
 * Tells what a payer sent for one of its Patients from what is another's, by the table of {@link
 * Ownership}. What names no Patient is taken for the one whose data was asked for. Not thread-safe.
 */
public final class OwnLines {
  /** What US Core reads by reference, rather than by the Patient. */
  private static final Set<String> READ_BY_REFERENCE =
      Set.of(
          "Device", "Location", "Medication", "Organization", "Practitioner", "PractitionerRole");

  private final Links links;
  private final Predicate<String> isPatient;

  /**
   * Of a payer's Patient.
   *
   * @param isPatient whether an id is the Patient's
   */
  public OwnLines(Payer payer, Predicate<String> isPatient) {
    this.links = new Links(payer);
    this.isPatient = isPatient;
  }

  /** Whether a resource says that it is about another Patient. */
  public boolean isAnothers(JsonNode resource) {
    Ownership ownership = Ownership.of(resource.path("resourceType").asText());
    return switch (ownership.rule()) {
      case ITSELF -> !isPatient.test(resource.path("id").asText());
      case NOBODYS -> names(resource);
      default -> !ownership.element().isEmpty() && names(resource.path(ownership.element()));
    };
  }

  private boolean names(JsonNode within) {
    return references(within).stream().anyMatch(this::isAnother);
  }

  private boolean isAnother(Link link) {
    return link.isPatient() && !(link.kind() == Link.Kind.OURS && isPatient.test(link.id()));
  }

  /**
   * Hands over the resources of the payer, as {@code Practitioner/1}, that are to be read as well.
   */
  public void eachToBeRead(JsonNode resource, Consumer<String> each) {
    references(resource).stream()
        .filter(link -> link.kind() == Link.Kind.OURS && READ_BY_REFERENCE.contains(link.type()))
        .filter(link -> PathSegment.isSafe(link.id()))
        .forEach(link -> each.accept(link.name()));
  }

  private List<Link> references(JsonNode within) {
    return within.findValues("reference").stream()
        .filter(JsonNode::isTextual)
        .map(reference -> links.of(reference.textValue()))
        .toList();
  }
}
