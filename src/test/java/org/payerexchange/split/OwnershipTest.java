package org.payerexchange.split;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.BaseRuntimeChildDefinition;
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.RuntimeChildResourceDefinition;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.Patient;
import org.junit.jupiter.api.Test;
import org.payerexchange.split.Ownership.Rule;

/** The table beside the definitions of FHIR R4. */
class OwnershipTest {
  private static final FhirContext R4 = FhirContext.forR4Cached();
  private static final Set<String> ABOUT_SEVERAL_PEOPLE =
      Set.of("Appointment", "AuditEvent", "Group", "List", "Person", "Schedule");

  @Test
  void eachOwnerElementIsOneThatMayNameAPatient() {
    Ownership.byType()
        .forEach(
            (type, ownership) -> {
              if (ownership.rule() == Rule.OWNED) {
                assertThat(targets(type, ownership.element()))
                    .as("%s.%s", type, ownership.element())
                    .anyMatch(target -> target.isAssignableFrom(Patient.class));
              }
            });
  }

  @Test
  void eachOwnerElementPutsItsResourceIntoThePatientsCompartment() {
    Ownership.byType()
        .forEach(
            (type, ownership) -> {
              if (ownership.rule() == Rule.OWNED) {
                assertThat(
                        R4.getResourceDefinition(type).getSearchParamsForCompartmentName("Patient"))
                    .as("%s.%s", type, ownership.element())
                    .anyMatch(
                        each ->
                            each.getPathsSplit().stream()
                                .anyMatch(
                                    path ->
                                        path.startsWith(type + "." + ownership.element())
                                            || path.contains(
                                                " " + type + "." + ownership.element())));
              }
            });
  }

  @Test
  void noTypeOfThePatientsCompartmentIsForgotten() {
    Set<String> compartment = new TreeSet<>();
    for (String type : R4.getResourceTypes()) {
      if (!R4.getResourceDefinition(type).getSearchParamsForCompartmentName("Patient").isEmpty()) {
        compartment.add(type);
      }
    }
    assertThat(compartment).hasSizeGreaterThan(50);
    assertThat(compartment)
        .allSatisfy(
            type ->
                assertThat(Ownership.of(type).rule() == Rule.NOBODYS)
                    .as(type)
                    .isEqualTo(ABOUT_SEVERAL_PEOPLE.contains(type)));
  }

  @Test
  void coverageIsTheBeneficiarysAlone() {
    assertThat(Ownership.of("Coverage")).isEqualTo(new Ownership(Rule.OWNED, "beneficiary"));
  }

  @Test
  void whatIsShareableIsNoPatientsAndTheListIsClosed() {
    assertThat(ofRule(Rule.SHAREABLE))
        .containsExactlyInAnyOrder(
            "Practitioner",
            "PractitionerRole",
            "Organization",
            "Location",
            "Medication",
            "HealthcareService",
            "Endpoint",
            "Substance",
            "InsurancePlan");
    assertThat(ofRule(Rule.CONDITIONAL))
        .containsExactlyInAnyOrder("Device", "Binary", "Provenance");
    assertThat(ofRule(Rule.SHAREABLE))
        .allSatisfy(
            type ->
                assertThat(
                        R4.getResourceDefinition(type).getSearchParamsForCompartmentName("Patient"))
                    .isEmpty());
  }

  @Test
  void whatATypeIsCalledDoesNotMatter() {
    assertThat(Ownership.of("Bundle").rule()).isEqualTo(Rule.NOBODYS);
    assertThat(Ownership.of("OperationOutcome").rule()).isEqualTo(Rule.NOBODYS);
    assertThat(Ownership.of("").rule()).isEqualTo(Rule.NOBODYS);
  }

  private static List<String> ofRule(Rule rule) {
    return Ownership.byType().entrySet().stream()
        .filter(type -> type.getValue().rule() == rule)
        .map(Map.Entry::getKey)
        .toList();
  }

  private static List<Class<? extends IBaseResource>> targets(String type, String element) {
    BaseRuntimeChildDefinition child = R4.getResourceDefinition(type).getChildByName(element);
    assertThat(child).as("%s.%s", type, element).isInstanceOf(RuntimeChildResourceDefinition.class);
    return ((RuntimeChildResourceDefinition) child).getResourceTypes();
  }
}
