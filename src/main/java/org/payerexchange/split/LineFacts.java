package org.payerexchange.split;

import java.util.List;
import org.payerexchange.delivery.fhir.ResourceVersion;

/**
 * What a line says of whom it is about and of what it refers to.
 *
 * @param id its own at the payer; empty if it has none
 * @param owners what its owner element, or the element of what it targets, refers to; {@link
 *     Link#UNKNOWN} where one is only described
 * @param links what its other elements refer to; of a line of no shared type what may be shared
 * @param ofSomebody of a line of a shared type, whether it holds a contained resource that cannot
 *     be shared, or describes a Patient without naming one
 */
record LineFacts(
    String id, ResourceVersion version, List<Link> owners, List<Link> links, boolean ofSomebody) {

  /** Whether a line of a shared type refers to a Patient, or to something that may be one. */
  boolean refersToAPatient() {
    return ofSomebody
        || owners.stream().anyMatch(Link::mayBeAPatient)
        || links.stream().anyMatch(Link::mayBeAPatient);
  }

  /** The counts: ids may be PHI. */
  @Override
  public String toString() {
    return "LineFacts[%s owners, %s links]".formatted(owners.size(), links.size());
  }
}
