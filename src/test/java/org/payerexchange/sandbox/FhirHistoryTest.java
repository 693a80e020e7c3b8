package org.payerexchange.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.StrictErrorHandler;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FhirHistoryTest {
  private static final Member MEMBER = Members.load("bison", 1);

  private final FhirHistory histories = new FhirHistory(7);

  @Test
  void theSameSeedGivesTheSameBytes() {
    assertThat(new FhirHistory(7).of(MEMBER, "g").toString())
        .isEqualTo(histories.of(MEMBER, "g").toString());
    assertThat(new FhirHistory(8).of(MEMBER, "g").toString())
        .isNotEqualTo(histories.of(MEMBER, "g").toString());
    assertThat(histories.of(MEMBER, "h").toString())
        .isNotEqualTo(histories.of(MEMBER, "g").toString());
  }

  @Test
  void everyReferencePointsToAResourceOfTheHistory() {
    for (Member member : Members.ofSamples().samples()) {
      for (String group : member.groups()) {
        Map<String, List<ObjectNode>> history = histories.of(member, group);
        Set<String> known = new HashSet<>();
        history
            .values()
            .forEach(
                resources ->
                    resources.forEach(
                        resource ->
                            assertThat(
                                    known.add(
                                        resource.path("resourceType").asText()
                                            + '/'
                                            + resource.path("id").asText()))
                                .isTrue()));
        history
            .values()
            .forEach(
                resources ->
                    resources.forEach(
                        resource ->
                            assertThat(known).containsAll(resource.findValuesAsText("reference"))));
      }
    }
  }

  @Test
  void aHistoryHasTenTypesOfValidFhir() {
    Map<String, List<ObjectNode>> history = histories.of(MEMBER, "g");
    assertThat(history).hasSize(10).allSatisfy((type, all) -> assertThat(all).isNotEmpty());
    var parser = FhirContext.forR4Cached().newJsonParser();
    parser.setParserErrorHandler(new StrictErrorHandler());
    history.forEach(
        (type, all) ->
            all.forEach(
                resource ->
                    assertThat(parser.parseResource(resource.toString()).fhirType())
                        .isEqualTo(type)));
  }
}
