package org.payerexchange.delivery.fhir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ca.uhn.fhir.context.FhirContext;
import org.junit.jupiter.api.Test;

class FhirTypesTest {
  private static final FhirContext FHIR = FhirContext.forR4Cached();

  @Test
  void whatHapiCountsAsTheHistoryOfAPatientIsTaken() {
    FhirTypes types = FhirTypes.configured("", FHIR);

    assertThat(FHIR.getResourceTypes())
        .filteredOn(
            type ->
                !FHIR.getResourceDefinition(type)
                    .getSearchParamsForCompartmentName("Patient")
                    .isEmpty())
        .allMatch(types::take);
  }

  @Test
  void whatChangesAServerIsNotTakenUnlessTheKeyNamesIt() {
    assertThat(FhirTypes.configured("", FHIR).taken())
        .hasSize(77)
        .doesNotContain("Subscription", "Bundle", "SearchParameter", "Parameters", "ValueSet");
    assertThat(FhirTypes.configured(" ValueSet,,Questionnaire ", FHIR).taken())
        .hasSize(79)
        .contains("ValueSet", "Questionnaire");
  }

  @Test
  void aTypeThatR4DoesNotHaveIsRefusedByItsKey() {
    assertThatThrownBy(() -> FhirTypes.configured("Questionaire", FHIR))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("p2p.deliver.fhir.more-types")
        .hasMessageContaining("Questionaire");
  }
}
