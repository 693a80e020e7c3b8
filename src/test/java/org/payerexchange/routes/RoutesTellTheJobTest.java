package org.payerexchange.routes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.payerexchange.step.Stage;

/** The routes show the job in Camel's own words: an operator can read there what happens. */
class RoutesTellTheJobTest {

  @Test
  void aPayerCallIsEnrichedWithTheToken() {
    List<JsonNode> enrichers = RouteFiles.steps(file("payer-call"), "enrich");
    assertThat(enrichers).isNotEmpty();
    assertThat(enrichers.get(0).toString()).contains("direct:provide-token");
  }

  @Test
  void theMatchAnswerIsSplitOnGroupIdIntoKickOffs() {
    List<JsonNode> splits = RouteFiles.steps(file("member-match"), "split");
    assertThat(splits)
        .anySatisfy(split -> assertThat(split.toString()).containsIgnoringCase("group"));
    assertThat(splits).anySatisfy(split -> assertThat(split.toString()).contains("kickoff"));
  }

  @Test
  void aQuartzTimerStartsThePollsOfTheDueExportJobs() {
    assertThat(RouteFiles.steps(file("export-poll"), "from"))
        .anySatisfy(from -> assertThat(RouteFiles.uri(from)).startsWith("quartz:"))
        .anySatisfy(from -> assertThat(RouteFiles.uri(from)).isEqualTo("direct:poll-export"));
  }

  @Test
  void everyKindOfStepIsDoneByARouteOfItsName() {
    List<String> inputs =
        RouteFiles.in(RouteFiles.PRODUCTION).stream()
            .flatMap(file -> RouteFiles.steps(RouteFiles.read(file), "from").stream())
            .map(RouteFiles::uri)
            .toList();
    for (Stage kind : Stage.values()) {
      assertThat(inputs).contains("direct:" + kind.route());
    }
  }

  @Test
  void theManifestIsSplitIntoItsOutputUrls() {
    assertThat(RouteFiles.steps(file("export-poll"), "split")).hasSizeGreaterThanOrEqualTo(2);
  }

  @Test
  void theOutputUrlsAreSplitIntoParallelDownloads() {
    assertThat(RouteFiles.steps(file("export-poll"), "split"))
        .anySatisfy(
            split -> {
              assertThat(split.path("parallelProcessing").asBoolean()).isTrue();
              assertThat(split.toString()).contains("download");
            });
  }

  @Test
  void jsonBodiesAreReadAndWrittenByJackson() {
    Stream<JsonNode> read =
        Stream.of("member-match", "export-kickoff", "export-poll")
            .flatMap(name -> RouteFiles.steps(file(name), "unmarshal").stream());
    assertThat(read).hasSize(4).allSatisfy(step -> assertThat(step.has("json")).isTrue());
    assertThat(RouteFiles.steps(file("deliver"), "marshal"))
        .anySatisfy(step -> assertThat(step.has("json")).isTrue());
  }

  @Test
  void theMatchRequestIsWrittenByTheFhirDataFormat() {
    assertThat(RouteFiles.steps(file("member-match"), "marshal"))
        .anySatisfy(step -> assertThat(step.has("fhirJson")).isTrue());
  }

  @Test
  void aTriggerRouteOnlyHandsOver() {
    for (Path file : RouteFiles.in(RouteFiles.PRODUCTION)) {
      for (JsonNode route : RouteFiles.routes(file)) {
        String from = RouteFiles.uri(route.path("from"));
        if (from.startsWith("quartz:")) {
          JsonNode steps = route.at("/from/steps");
          assertThat(steps).as(route.path("id").asText()).hasSize(1);
          assertThat(RouteFiles.uri(steps.get(0).path("to"))).startsWith("direct:");
        }
      }
    }
  }

  private static JsonNode file(String name) {
    return RouteFiles.read(RouteFiles.PRODUCTION.resolve(name + ".camel.yaml"));
  }
}
