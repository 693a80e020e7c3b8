package org.payerexchange.match;

import ca.uhn.fhir.context.BaseRuntimeChildDefinition;
import ca.uhn.fhir.context.BaseRuntimeElementCompositeDefinition;
import ca.uhn.fhir.context.BaseRuntimeElementDefinition;
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.RuntimeChildExtension;
import java.util.HashSet;
import java.util.Set;

/**
 * The names that fields of an answer have by a specification: the elements that FHIR R4 gives what
 * {@code $member-match} may answer with, and what the gateway and Bulk Data Access add. Any other
 * name is the payer's own, and may be a member's name or id.
 *
 * @param fields of fields
 * @param types of resources
 */
record FieldNames(Set<String> fields, Set<String> types) {
  private static final Set<String> TYPES =
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

  /** Of the reference page and of Bulk Data Access. */
  private static final Set<String> BESIDES_FHIR =
      Set.of(
          "resourceType",
          "groupId",
          "group",
          "memberId",
          "result",
          "results",
          "message",
          "batches",
          "failed",
          "transactionTime",
          "request",
          "requiresAccessToken",
          "output",
          "deleted",
          "error",
          "url",
          "count",
          "resourceCount");

  /** Copies the sets. */
  FieldNames {
    fields = Set.copyOf(fields);
    types = Set.copyOf(types);
  }

  /** As HAPI's model of R4 has them. */
  static FieldNames of(FhirContext r4) {
    Set<String> fields = new HashSet<>(BESIDES_FHIR);
    Set<BaseRuntimeElementDefinition<?>> seen = new HashSet<>();
    TYPES.forEach(type -> add(r4.getResourceDefinition(type), fields, seen));
    // HAPI also knows names of its own: payorResource, value[x]
    fields.removeIf(name -> name.endsWith("Resource") || name.contains("["));
    return new FieldNames(fields, TYPES);
  }

  private static void add(
      BaseRuntimeElementDefinition<?> type,
      Set<String> names,
      Set<BaseRuntimeElementDefinition<?>> seen) {
    if (type instanceof BaseRuntimeElementCompositeDefinition<?> composite && seen.add(type)) {
      for (BaseRuntimeChildDefinition child : composite.getChildren()) {
        for (String name : child.getValidChildNames()) {
          names.add(name);
          if (!(child instanceof RuntimeChildExtension)) {
            add(child.getChildByName(name), names, seen);
          }
        }
      }
    }
  }
}
