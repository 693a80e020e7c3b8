package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.support.TestBundle;

/** A batch of members before HL7's reference server for PDex, as its answers were recorded. */
class PdexReferenceServerTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private static final String HEADER =
      "payer,requestId,memberId,given,family,birthDate,gender,coverageId,linkMemberId,"
          + "linkCoverageId,consentId,consentPolicy,consentStart,consentEnd\n";

  @TempDir Path folder;
  private RecordedPdexServer server;
  private TestBundle bundle;
  private Pipeline pipeline;

  @BeforeEach
  void start() throws Exception {
    server = new RecordedPdexServer();
    bundle = TestBundle.in(folder).payer(PdexPayer.ID, server.origin());
    PdexPayer.settings(3).forEach(setting -> bundle.set(setting.get(0), setting.get(1)));
    bundle
        .set("p2p.payers.bison.base-url", server.origin() + "/fhir")
        .set("p2p.payers.bison.token-url", server.origin() + "/token");
    pipeline = new Pipeline(bundle);
  }

  @AfterEach
  void stop() {
    bundle.close();
    server.close();
  }

  /** One matched, one unknown, one whose consent it does not honour: by its two forms of answer. */
  @ParameterizedTest
  @ValueSource(strings = {"", "X-PDex-Spec-Version: 2.2"})
  void membersEndAsTheServerSaysAndTheMatchedOneGetsAllThatWasExported(String headers)
      throws Exception {
    bundle.set("p2p.payers.bison.extra-headers", headers).start();

    take("Ada", "Bea", "Cora");

    assertIsServed("Ada");
    assertEnds("Bea", "NO_MATCH", "NO_MATCH");
    assertEnds("Cora", "NO_MATCH", "CONSENT_CONSTRAINED");
    assertThat(awaitReleased())
        .filteredOn(request -> !request.startsWith("GET"))
        .containsExactly(
            "POST/$bulk-member-match",
            "POST/$davinci-data-export",
            "DELETE/$davinci-export-poll-status",
            "DELETE/$bulk-member-match-poll-status");
  }

  @Test
  void aRequestThatTheServerRefusesForOneMemberFailsThatOneAlone() throws Exception {
    server.refuse("\"Bea\"");
    bundle
        .set("p2p.payers.bison.extra-headers", "X-PDex-Spec-Version: 2.2")
        .set("p2p.payers.bison.match-batch-size", "2")
        .start();

    take("Ada", "Bea");

    assertIsServed("Ada");
    assertEnds("Bea", "FAILED", "PAYER_REFUSED");
    assertThat(awaitReleased())
        .filteredOn(request -> request.equals("POST/$bulk-member-match"))
        .hasSize(3);
  }

  private void take(String... given) throws Exception {
    StringBuilder rows = new StringBuilder(HEADER);
    for (String each : given) {
      rows.append(
              "bison,%1$s,id-%1$s,%1$s,Person,1974-12-25,female,cov-%1$s,own-%1$s,own-cov-%1$s,"
                  .formatted(each))
          .append("c-1,sensitive,2020-01-01,2099-12-31\n");
    }
    Files.writeString(bundle.inbox().resolve("members.csv"), rows);
  }

  private void assertIsServed(String request) throws Exception {
    String id = pipeline.awaitEnd(request, "COMPLETE");
    assertThat(pipeline.transfer(id)).containsEntry("warnings", 0);
    assertThat(PdexFolders.lines(pipeline.outbox(PdexPayer.ID, id)))
        .containsExactlyInAnyOrderElementsOf(
            Stream.of("Patient", "Coverage", "Condition", "ExplanationOfBenefit")
                .map(server::exported)
                .toList());
  }

  private void assertEnds(String request, String state, String reason) throws Exception {
    String id = pipeline.awaitEnd(request, state);
    assertThat(pipeline.transfer(id)).containsEntry("reason", reason);
    assertThat(pipeline.delivered(PdexPayer.ID, id)).containsExactly("manifest.json");
  }

  /** What was asked in all, once nothing is left to do: a job that is over cannot be deleted. */
  private List<String> awaitReleased() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(pipeline.column("SELECT kind FROM step")).isEmpty());
    assertThat(pipeline.column("SELECT what FROM transfer_event"))
        .doesNotContain("RELEASE_GIVEN_UP", "RETRY_LATER");
    return server.requests();
  }
}
