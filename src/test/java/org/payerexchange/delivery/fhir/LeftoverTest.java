package org.payerexchange.delivery.fhir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeftoverTest {
  private static final String CARE_PLAN =
      """
      {"resourceType":"CarePlan","meta":{"source":"https://payer.example"},
      "subject":{"reference":"Patient/bison.p"},
      "activity":[{"detail":{}},{"reference":{"reference":"ServiceRequest/bison.s"}}],
      "extension":[{"url":"/subject/reference"},
      {"a/b~c":{"url":"Binary/bison.b"},"url":"Binary/bison.b","d":{"reference":"Binary/bison.b"}}]}
      """;

  @Test
  void eachLinkIsReadBackAtItsPlaceWithWhatItWasThere() throws Exception {
    ObjectNode resource = (ObjectNode) FhirJson.read(CARE_PLAN);
    List<FhirEntry.Link> links = new ArrayList<>();
    for (String place :
        List.of("/subject", "/activity/1/reference", "/extension/1/a~1b~0c", "/extension/1/d")) {
      ObjectNode holder = (ObjectNode) resource.at(place);
      String field = holder.has("url") ? "url" : "reference";
      links.add(
          new FhirEntry.Link(
              holder, field, holder.path(field).asText(), true, "https://payer.example", place));
    }
    links.get(0).cut();

    Leftover left =
        new Leftover(
            FhirEntry.put("CarePlan-1.ndjson", 1, "CarePlan/bison.c", resource, links, 0),
            422,
            null);

    assertThat(places(left.copy()))
        .containsExactlyInAnyOrder(
            tuple("ServiceRequest/bison.s", "reference", "/activity/1/reference"),
            tuple("Binary/bison.b", "url", "/extension/1/a~1b~0c"),
            tuple("Binary/bison.b", "reference", "/extension/1/d"));
    assertThat(left.copy().toJson()).isEqualTo(left.toJson());
  }

  @Test
  void whatAnEarlierVersionKeptByTargetsIsRead() throws Exception {
    ObjectNode line = (ObjectNode) FhirJson.read("{\"method\":\"PUT\",\"status\":422}");
    JsonNode references =
        FhirJson.read(
            "{\"Patient/bison.p\":\"Patient/p\",\"ServiceRequest/bison.s\":\"ServiceRequest/s\"}");
    line.put("url", "CarePlan/bison.c").set("resource", FhirJson.read(CARE_PLAN));
    line.set("references", references);

    assertThat(places(Leftover.of(line)))
        .containsExactlyInAnyOrder(
            tuple("Patient/bison.p", "reference", "Patient/p"),
            tuple("ServiceRequest/bison.s", "reference", "ServiceRequest/s"));
  }

  private static List<org.assertj.core.groups.Tuple> places(Leftover left) {
    return left.entry().links().stream()
        .map(link -> tuple(link.target(), link.field(), link.former()))
        .toList();
  }
}
