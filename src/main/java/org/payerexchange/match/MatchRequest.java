package org.payerexchange.match;

import java.util.Optional;
import java.util.function.Consumer;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Consent;
import org.hl7.fhir.r4.model.Consent.ConsentProvisionType;
import org.hl7.fhir.r4.model.Consent.ConsentState;
import org.hl7.fhir.r4.model.Coverage;
import org.hl7.fhir.r4.model.Coverage.CoverageStatus;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;

/**
 * Completes the Parameters of a {@code $member-match} so that they serve the 1upHealth page and
 * HRex 1.2.0 alike: ids, local references, member number, relationship, payor, the consent's scope,
 * category and actors. What is there stays as it was given.
 */
final class MatchRequest {
  private static final String TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/";
  private static final String UNNAMED_MEMBER = "member";

  private final Parameters parameters;
  private final String payer;

  private MatchRequest(Parameters parameters, String payer) {
    this.parameters = parameters;
    this.payer = payer;
  }

  /**
   * Completes parameters in place.
   *
   * @param parameters MemberPatient, CoverageToMatch, Consent and perhaps CoverageToLink
   * @param payer what the source payer is called
   */
  static void complete(Parameters parameters, String payer) {
    new MatchRequest(parameters, payer).complete();
  }

  private void complete() {
    Optional<Patient> patient = resource("MemberPatient", Patient.class);
    String memberId =
        patient
            .map(Patient::getIdPart)
            .or(() -> Optional.ofNullable(parameters.getIdPart()))
            .orElse(UNNAMED_MEMBER);
    patient.ifPresent(member -> name(member, memberId));
    Reference member = new Reference("Patient/" + memberId);
    with("CoverageToMatch", Coverage.class, coverage -> match(coverage, member));
    with("CoverageToLink", Coverage.class, coverage -> link(coverage, member));
    with("Consent", Consent.class, consent -> consent(consent, member));
  }

  private void match(Coverage coverage, Reference member) {
    name(coverage, "coverage-to-match");
    coverage(coverage, member);
    if (!coverage.hasPayor()) {
      coverage.addPayor(new Reference().setDisplay(payer));
    }
  }

  private void link(Coverage coverage, Reference member) {
    name(coverage, "coverage-to-link");
    coverage(coverage, member);
  }

  private static void coverage(Coverage coverage, Reference member) {
    if (!coverage.hasStatus()) {
      coverage.setStatus(CoverageStatus.ACTIVE);
    }
    if (!coverage.hasBeneficiary()) {
      coverage.setBeneficiary(member.copy());
    }
    if (!coverage.hasRelationship()) {
      coverage.setRelationship(concept("subscriber-relationship", "self"));
    }
    if (!coverage.hasSubscriberId()
        && coverage.getIdentifier().stream().noneMatch(MatchRequest::isMemberNumber)) {
      coverage.getIdentifier().stream()
          .filter(identifier -> !identifier.hasType())
          .findFirst()
          .ifPresent(identifier -> identifier.setType(concept("v2-0203", "MB")));
    }
  }

  private void consent(Consent consent, Reference member) {
    name(consent, "consent");
    if (!consent.hasStatus()) {
      consent.setStatus(ConsentState.ACTIVE);
    }
    if (!consent.hasScope()) {
      consent.setScope(concept("consentscope", "patient-privacy"));
    }
    if (!consent.hasCategory()) {
      consent.addCategory(concept("v3-ActCode", "IDSCL"));
    }
    if (!consent.hasPatient()) {
      consent.setPatient(member.copy());
    }
    if (!consent.hasPerformer()) {
      consent.addPerformer(member.copy());
    }
    provision(consent.getProvision());
  }

  private void provision(Consent.ProvisionComponent provision) {
    if (!provision.hasType()) {
      provision.setType(ConsentProvisionType.PERMIT);
    }
    if (!provision.hasActor()) {
      provision
          .addActor()
          .setRole(concept("provenance-participant-type", "performer"))
          .setReference(new Reference().setDisplay(payer));
      provision
          .addActor()
          .setRole(concept("v3-ParticipationType", "IRCP"))
          .setReference(new Reference().setDisplay("requesting payer"));
    }
    if (!provision.hasAction()) {
      provision.addAction(concept("consentaction", "disclose"));
    }
  }

  private static void name(Resource resource, String id) {
    if (resource.getIdPart() == null) {
      resource.setId(id);
    }
  }

  private static boolean isMemberNumber(Identifier identifier) {
    return identifier.getType().getCoding().stream().anyMatch(code -> "MB".equals(code.getCode()));
  }

  private static CodeableConcept concept(String system, String code) {
    return new CodeableConcept(new Coding(TERMINOLOGY + system, code, null));
  }

  private <T extends Resource> void with(String name, Class<T> type, Consumer<T> change) {
    resource(name, type).ifPresent(change);
  }

  private <T extends Resource> Optional<T> resource(String name, Class<T> type) {
    return parameters.getParameter().stream()
        .filter(parameter -> name.equals(parameter.getName()))
        .map(Parameters.ParametersParameterComponent::getResource)
        .filter(type::isInstance)
        .map(type::cast)
        .findFirst();
  }
}
