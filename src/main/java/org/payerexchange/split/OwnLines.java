package org.payerexchange.split;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.payerexchange.dialect.PathSegment;
import org.payerexchange.payer.Payer;

/**
 * Tells what a payer sent for one of its Patients from what is another's, by the table of {@link
 * Ownership}. What is nobody's own, such as a Practitioner, and names no Patient, comes along. Not
 * thread-safe.
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

  /**
   * Whether a resource is not the Patient's for certain: it is about another, or of a type that has
   * an owner and does not say who that is.
   */
  public boolean isAnothers(JsonNode resource) {
    Ownership ownership = Ownership.of(resource.path("resourceType").asText());
    List<Link> owners = references(resource.path(ownership.element()));
    return switch (ownership.rule()) {
      case ITSELF -> !isPatient.test(resource.path("id").asText());
      case OWNED -> owners.stream().noneMatch(this::isOwn) || names(owners);
      case SHAREABLE -> names(references(resource));
      case CONDITIONAL -> names(owners);
      case NOBODYS -> names(references(resource)) || holdsAPatient(resource);
    };
  }

  private boolean names(List<Link> links) {
    return links.stream().anyMatch(link -> link.mayBeAPatient() && !isOwn(link));
  }

  private boolean isOwn(Link link) {
    return link.kind() == Link.Kind.OURS && link.isPatient() && isPatient.test(link.id());
  }

  private static boolean holdsAPatient(JsonNode resource) {
    return resource.findValues("resourceType").stream()
        .anyMatch(type -> type.asText().equals("Patient"));
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
    List<Link> found = new ArrayList<>();
    collect(within, found);
    return found;
  }

  private void collect(JsonNode within, List<Link> found) {
    if (within.path("reference").isTextual()) {
      found.add(links.of(within.path("reference").textValue()));
    }
    within.forEach(each -> collect(each, found));
  }
}
