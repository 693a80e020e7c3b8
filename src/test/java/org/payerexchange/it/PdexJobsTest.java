package org.payerexchange.it;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.ledger.store.OperatorAction;
import org.payerexchange.ledger.store.OperatorLedger;
import org.payerexchange.ledger.store.TransferFilter;
import org.payerexchange.sandbox.BulkMatch;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.MatchScenario;
import org.payerexchange.sandbox.PdexMember;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.TestBundle;

/** The jobs of batches at the payer: when they are given back, and what is asked for anew. */
class PdexJobsTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String EXPORT = "export";
  private static final String MATCH = "match";
  private static final String ASKED = "/v1/bison/Group/\\$bulk-member-match";
  private static final String POLLED = ".*\\$bulk-member-match-poll-status.*";

  /** Sees the requests in their order. */
  @RegisterExtension final Gateway gateway = new Gateway();

  @TempDir Path folder;
  private Sandbox sandbox;
  private TestBundle bundle;
  private PdexFolders folders;
  private Pipeline pipeline;

  @BeforeEach
  void start() throws Exception {
    sandbox = PdexPayer.sandbox();
    gateway.stub(any(anyUrl()).willReturn(aResponse().proxiedFrom(sandbox.origin().toString())));
    bundle =
        PdexPayer.add(TestBundle.in(folder), sandbox, 3)
            .set("p2p.payers.bison.base-url", gateway.url() + "/v1/bison")
            .set("p2p.payers.bison.match-batch-wait", "4s")
            .start();
    pipeline = new Pipeline(bundle);
    folders = new PdexFolders(bundle, sandbox);
  }

  @AfterEach
  void stop() {
    bundle.close();
    sandbox.close();
  }

  @Test
  void theExportIsGivenBackBeforeTheMatchItsGroupIsOf() throws Exception {
    List<PdexMember> members = PdexPayer.plain(0, 3);

    PdexPayer.take(bundle, members);

    for (PdexMember member : members) {
      folders.awaitServed(member);
    }
    folders.awaitReleased();
    assertThat(deleted()).containsExactly(EXPORT, MATCH);
  }

  @Test
  void theOrderIsTheSameAfterAnExportThatFailedAndARetryAsksAnewInABatchOfItsOwn()
      throws Exception {
    List<PdexMember> members = PdexPayer.plain(0, 3);
    stopBefore("kick-off-export", "EXPORT_KICKOFF", members);
    sandbox.faults().rates(Map.of(Fault.JOB_FAILED_BY_STATUS, 1.0));
    bundle.context().getRouteController().startRoute("kick-off-export");

    for (PdexMember member : members) {
      folders.awaitNothing(member, "FAILED", "JOB_FAILED");
      assertThat(folders.failedAt(member)).isEqualTo("EXPORT_POLL");
    }
    folders.awaitReleased();
    assertThat(deleted()).containsExactly(EXPORT, MATCH);

    assertThat(operator().retry(pipeline.id(PdexPayer.request(members.get(2))), "test")).isTrue();
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(folders.failedAt(members.get(2))).isEqualTo("MATCH_BATCH"));
    sandbox.faults().clear();
    assertThat(operator().retry(pipeline.id(PdexPayer.request(members.get(1))), "test")).isTrue();

    folders.awaitServed(members.get(1));
    folders.awaitReleased();
    assertThat(sandbox.bulkMatches())
        .extracting(BulkMatch::submitted)
        .last()
        .isEqualTo(List.of(members.get(1).coverageId()));
    folders.assertJobs(3, 2);
    for (PdexMember other : List.of(members.get(0), members.get(2))) {
      folders.awaitNothing(other, "FAILED", "JOB_FAILED");
    }
  }

  @Test
  void filesOfASharedExportThatFailedAreToldAsRemovedAndDeletedBehindTheBatch() throws Exception {
    List<PdexMember> members = PdexPayer.plain(0, 3);
    gateway.stub(
        get(urlPathMatching(".*/\\$export/file/.*-3\\.ndjson"))
            .willReturn(aResponse().withStatus(404)));

    PdexPayer.take(bundle, members);

    for (PdexMember member : members) {
      folders.awaitNothing(member, "FAILED", "FILE_GONE");
      assertThat(folders.failedAt(member)).isEqualTo("DOWNLOAD");
    }
    await().atMost(PATIENCE).until(() -> bundle.number("SELECT COUNT(*) FROM step") == 0);
    assertThat(bundle.column("SELECT state FROM output_file WHERE resources > 0"))
        .isNotEmpty()
        .containsOnly("REMOVED");
    bundle.template().sendBody("direct:apply-retention", null);
    folders.awaitReleased();
  }

  @Test
  void aPayerThatHasTooManyJobsIsAskedForTheWholeBatchAgain() throws Exception {
    List<PdexMember> members = PdexPayer.plain(0, 3);
    gateway.once(
        post(urlPathMatching(ASKED)),
        aResponse()
            .withStatus(400)
            .withHeader("Retry-After", "1")
            .withBody(
                """
                {"resourceType": "OperationOutcome", "issue": [
                  {"severity": "error", "code": "throttled"}]}"""));

    PdexPayer.take(bundle, members);

    for (PdexMember member : members) {
      folders.awaitServed(member);
    }
    folders.awaitReleased();
    List<LoggedRequest> asked = gateway.server().findAll(postRequestedFor(urlPathMatching(ASKED)));
    assertThat(asked).hasSize(2);
    assertThat(asked.get(1).getBodyAsString()).isEqualTo(asked.get(0).getBodyAsString());
    folders.assertJobs(1, 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        """
        {"transactionTime": "2026-11-27T00:00:00Z", "requiresAccessToken": false, "output": []}""",
        """
        {"resourceType": "Parameters", "parameter": [{"name": "MatchedMembers", "resource":
          {"resourceType": "Group", "type": "person", "actual": true}}]}"""
      })
  void whatIsShownOfAMatchBesideAnExportStatusThatSaysItRunsIsNotItsAnswer(String shown)
      throws Exception {
    List<PdexMember> members = PdexPayer.plain(0, 3);
    gateway.once(
        get(urlPathMatching(POLLED)),
        okJson(shown).withHeader("X-Export-Status", "202").withHeader("Retry-After", "1"));

    PdexPayer.take(bundle, members);

    for (PdexMember member : members) {
      folders.awaitServed(member);
    }
    folders.awaitReleased();
    assertThat(gateway.server().findAll(getRequestedFor(urlPathMatching(POLLED))))
        .hasSizeGreaterThan(1);
    folders.assertJobs(1, 1);
    assertThat(bundle.column("SELECT what FROM transfer_event")).doesNotContain("RETRY_LATER");
  }

  @Test
  void aMatchWhoseExportStatusIsItsEndFailsWhateverStandsBesideIt() throws Exception {
    List<PdexMember> members = PdexPayer.plain(0, 1);
    gateway.stub(
        get(urlPathMatching(POLLED))
            .willReturn(
                okJson(
                        """
                        {"resourceType": "OperationOutcome", "issue": [
                          {"severity": "error", "code": "exception"}]}""")
                    .withHeader("X-Export-Status", "500")));

    PdexPayer.take(bundle, members);

    folders.awaitNothing(members.get(0), "FAILED", "JOB_FAILED");
    folders.assertJobs(1, 0);
  }

  @Test
  void membersThatAreRetriedTogetherAreABatchAgain() throws Exception {
    List<PdexMember> members =
        List.of(
            PdexPayer.member(1, MatchScenario.UNKNOWN),
            PdexPayer.member(2, MatchScenario.UNKNOWN),
            PdexPayer.member(3, MatchScenario.UNKNOWN));
    PdexPayer.take(bundle, members);
    for (PdexMember member : members) {
      folders.awaitNothing(member, "NO_MATCH", "NO_MATCH");
    }
    folders.awaitReleased();

    assertThat(operator().act(OperatorAction.RETRY, TransferFilter.ALL, "test", false).done())
        .isEqualTo(3);
    await().atMost(PATIENCE).until(() -> sandbox.bulkMatches().size() == 2);

    for (PdexMember member : members) {
      folders.awaitNothing(member, "NO_MATCH", "NO_MATCH");
    }
    folders.awaitReleased();
    folders.assertJobs(2, 0);
    assertThat(deleted()).containsExactly(MATCH, MATCH);
  }

  @Test
  void theOrderIsTheSameAfterAllMembersAreCancelled() throws Exception {
    List<PdexMember> members = PdexPayer.plain(0, 3);
    stopBefore("poll-export", "EXPORT_POLL", members);

    for (PdexMember member : members) {
      assertThat(operator().cancel(pipeline.id(PdexPayer.request(member)), "test")).isTrue();
    }
    bundle.context().getRouteController().startRoute("poll-export");

    for (PdexMember member : members) {
      folders.awaitNothing(member, "CANCELLED", "CANCELLED");
    }
    folders.awaitReleased();
    assertThat(deleted()).containsExactly(EXPORT, MATCH);
    folders.assertJobs(1, 1);
  }

  @Test
  void aBatchWhoseMembersAreAllCancelledBeforeItIsAskedForIsNot() throws Exception {
    List<PdexMember> members = PdexPayer.plain(0, 3);
    stopBefore("match-batch", "MATCH_BATCH", members);

    for (PdexMember member : members) {
      assertThat(operator().cancel(pipeline.id(PdexPayer.request(member)), "test")).isTrue();
    }
    bundle.context().getRouteController().startRoute("match-batch");

    for (PdexMember member : members) {
      folders.awaitNothing(member, "CANCELLED", "CANCELLED");
    }
    folders.awaitReleased();
    folders.assertJobs(0, 0);
  }

  @Test
  void twoTransfersOfOneMemberNeverShareABatch() throws Exception {
    PdexMember member = PdexMember.of(PdexPayer.ID, 1);

    PdexPayer.take(bundle, member, "first", "second");

    folders.awaitServed("first", member);
    folders.awaitServed("second", member);
    folders.awaitReleased();
    assertThat(sandbox.bulkMatches())
        .extracting(BulkMatch::submitted)
        .containsExactly(List.of(member.coverageId()), List.of(member.coverageId()));
    folders.assertJobs(2, 2);
  }

  @Test
  void aMatchJobThatFailsForEachOfItsMembersFailsThemAndIsGivenBack() throws Exception {
    List<PdexMember> members = PdexPayer.plain(0, 3);
    sandbox.faults().rates(Map.of(Fault.JOB_FAILED_BY_STATUS, 1.0));

    PdexPayer.take(bundle, members);

    for (PdexMember member : members) {
      folders.awaitNothing(member, "FAILED", "JOB_FAILED");
    }
    folders.awaitReleased();
    // of three, of two, and of each alone
    folders.assertJobs(5, 0);
    assertThat(deleted()).hasSize(5).containsOnly(MATCH);
  }

  @Test
  void whoWasExportedWholeBeforeSharesAnExportOfWhatIsNewAndTheOthersOneOfAll() throws Exception {
    bundle.set("p2p.payers.bison.match-batch-wait", "10m");
    startAnew("p2p.payers.bison.incremental", "true");
    PdexPayer.take(bundle, PdexPayer.plain(0, 3));
    for (PdexMember member : PdexPayer.plain(0, 3)) {
      folders.awaitServed(member);
    }
    PdexMember other = PdexMember.of(PdexPayer.ID, 3);

    PdexPayer.take(bundle, PdexMember.of(PdexPayer.ID, 0), "again-0");
    PdexPayer.take(bundle, PdexMember.of(PdexPayer.ID, 1), "again-1");
    PdexPayer.take(bundle, other, PdexPayer.request(other));

    String again = pipeline.awaitEnd("again-0", "COMPLETE");
    pipeline.awaitEnd("again-1", "COMPLETE");
    folders.awaitServed(other);
    folders.awaitReleased();
    assertThat(sandbox.bulkMatches()).hasSize(2);
    List<JsonNode> asked = kickOffs();
    assertThat(asked).hasSize(3);
    assertThat(asked).filteredOn(parameters -> named(parameters, "_since").isEmpty()).hasSize(2);
    JsonNode later =
        asked.stream().filter(each -> !named(each, "_since").isEmpty()).findFirst().orElseThrow();
    assertThat(named(later, "patient")).hasSize(2);
    assertThat(Instant.parse(named(later, "_since").get(0).path("valueInstant").asText()))
        .isBetween(Instant.now().minus(Duration.ofHours(2)), Instant.now());
    assertThat(Instant.parse(folders.manifest(again).at("/exports/0/since").asText()))
        .isEqualTo(named(later, "_since").get(0).path("valueInstant").asText());
  }

  @Test
  void whoWasExportedWithoutATypeIsExportedWholeOnceThatIsAskedForToo() throws Exception {
    startAnew("p2p.payers.bison.incremental", "true");
    PdexPayer.take(bundle, PdexPayer.plain(0, 3));
    for (PdexMember member : PdexPayer.plain(0, 3)) {
      folders.awaitServed(member);
    }
    startAnew(
        "p2p.payers.bison.type",
        named(kickOffs().get(0), "_type").get(0).path("valueString").asText() + ",Specimen");

    PdexPayer.take(bundle, PdexMember.of(PdexPayer.ID, 0), "again-0");

    pipeline.awaitEnd("again-0", "COMPLETE");
    List<JsonNode> asked = kickOffs();
    assertThat(asked).hasSize(2).allMatch(parameters -> named(parameters, "_since").isEmpty());
  }

  @Test
  void whatASharedExportLacksIsAWarningOfEachMemberAndAskedForAgain() throws Exception {
    startAnew("p2p.payers.bison.incremental", "true");
    List<PdexMember> members = PdexPayer.plain(0, 3);
    gateway.stub(
        get(urlPathMatching(".*/\\$export/file/.*-3\\.ndjson"))
            .willReturn(aResponse().withHeader("Content-Type", "application/fhir+ndjson")));

    PdexPayer.take(bundle, members);

    for (PdexMember member : members) {
      String id = pipeline.awaitEnd(PdexPayer.request(member), "COMPLETE");
      assertThat(folders.warnings(id))
          .singleElement()
          .asString()
          .matches("\\d+ \\w+ resources less arrived than announced");
      assertThat(pipeline.transfer(id)).containsEntry("warnings", 1);
    }
    PdexPayer.take(bundle, members.get(0), "again-0");
    pipeline.awaitEnd("again-0", "COMPLETE");
    assertThat(kickOffs()).hasSize(2).allMatch(parameters -> named(parameters, "_since").isEmpty());
  }

  /** The bodies of the kick-offs, in their order. */
  private List<JsonNode> kickOffs() throws IOException {
    List<JsonNode> bodies = new ArrayList<>();
    for (LoggedRequest request :
        gateway.server().findAll(postRequestedFor(urlPathMatching(".*/\\$davinci-data-export")))) {
      bodies.add(JsonLimits.mapper().readTree(request.getBody()));
    }
    return bodies;
  }

  private static List<JsonNode> named(JsonNode parameters, String name) {
    return StreamSupport.stream(parameters.path("parameter").spliterator(), false)
        .filter(parameter -> parameter.path("name").asText().equals(name))
        .toList();
  }

  private void startAnew(String key, String value) throws Exception {
    bundle.stop();
    bundle.set(key, value).start();
  }

  /** Takes members in, and waits until they have come to this step, which is not done. */
  private void stopBefore(String route, String kind, List<PdexMember> members) throws Exception {
    bundle.context().getRouteController().stopRoute(route);
    PdexPayer.take(bundle, members);
    await()
        .atMost(PATIENCE)
        .until(() -> bundle.number("SELECT COUNT(*) FROM step WHERE kind = ?", kind) > 0);
  }

  private OperatorLedger operator() {
    return bundle.bean("operatorLedger", OperatorLedger.class);
  }

  /** The jobs that were given back, in the order of the requests. */
  private List<String> deleted() {
    return gateway.server().getAllServeEvents().stream()
        .map(event -> event.getRequest())
        .filter(request -> request.getMethod().getName().equals("DELETE"))
        .sorted(Comparator.comparing(request -> request.getLoggedDate()))
        .map(request -> request.getUrl().contains("$bulk-member-match") ? MATCH : EXPORT)
        .toList();
  }
}
