package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;

/**
 * What a kick-off says beside which data it wants (FHIR Bulk Data Access 3).
 *
 * @param partialManifests whether files may be shown before all are ready
 * @param associatedData whether Provenance is to come along
 */
record KickOffForm(boolean partialManifests, boolean associatedData) {
  static final String PARTIAL_MANIFESTS = "allowPartialManifests";
  static final String ASSOCIATED_DATA = "includeAssociatedData";

  /**
   * Of a query.
   *
   * @param headers of the request, with what its query says
   * @throws GatewayRefusal 400 where faults want it
   */
  static KickOffForm of(Map<String, Object> headers, Faults faults) {
    return new KickOffForm(
            "true".equals(FhirOperation.text(headers.get(PARTIAL_MANIFESTS))),
            isProvenance(FhirOperation.text(headers.get(ASSOCIATED_DATA))))
        .known(headers, faults);
  }

  /**
   * Of Parameters.
   *
   * @throws GatewayRefusal 400 where faults want it
   */
  static KickOffForm of(Map<String, Object> headers, JsonNode parameters, Faults faults) {
    return new KickOffForm(
            value(parameters, PARTIAL_MANIFESTS).path("valueBoolean").asBoolean(),
            isProvenance(value(parameters, ASSOCIATED_DATA).path("valueString").asText()))
        .known(headers, faults);
  }

  /** Those of a new export's faults that can happen to it. */
  Set<Fault> of(Set<Fault> due) {
    if (!partialManifests) {
      due.remove(Fault.PARTIAL_MANIFEST);
    }
    return due;
  }

  private static boolean isProvenance(String associatedData) {
    return associatedData.contains("ProvenanceResources");
  }

  private static JsonNode value(JsonNode parameters, String name) {
    return FhirOperation.elements(parameters.path("parameter"))
        .filter(parameter -> name.equals(parameter.path("name").asText()))
        .findFirst()
        .orElse(parameters.path("none"));
  }

  /** A gateway that does not know these may leave them out for a client that is lenient. */
  private KickOffForm known(Map<String, Object> headers, Faults faults) {
    boolean said = partialManifests || associatedData;
    if (!said || !faults.isDue(Fault.FORM_REFUSED)) {
      return this;
    }
    if (FhirOperation.prefers(headers).noneMatch("handling=lenient"::equals)) {
      throw GatewayRefusal.outcome(400, "invalid", "A parameter has an unknown name");
    }
    return new KickOffForm(false, false);
  }
}
