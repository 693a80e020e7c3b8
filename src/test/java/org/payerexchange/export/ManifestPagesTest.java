package org.payerexchange.export;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.delete;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.support.Gateway;

/** Manifests that come in pages. */
class ManifestPagesTest {
  private static final String ROOT = "/v1/bison/bulk-data/r4/$export/";
  @RegisterExtension static final ExportBenches BENCHES = new ExportBenches();
  private static final Gateway GATEWAY = BENCHES.gateway();
  private static final Gateway FOREIGN = BENCHES.stranger();

  private final String group = "g-" + UUID.randomUUID();
  private final String job = "job-" + UUID.randomUUID();
  private ExportBench bench = BENCHES.shared();

  @BeforeEach
  void acceptTheKickOff() {
    GATEWAY.stub(
        get(urlEqualTo("/v1/bison/bulk-data/r4/Group/" + group + "/$export"))
            .willReturn(
                aResponse()
                    .withStatus(202)
                    .withHeader("Content-Location", GATEWAY.url() + path(1))));
    GATEWAY.stub(delete(urlEqualTo(path(1))).willReturn(aResponse().withStatus(202)));
  }

  @Test
  void theFilesOfAllPagesAreTaken() throws Exception {
    answers(1, page("a", GATEWAY.url() + path(2)));
    answers(2, page("b", path(3)));
    answers(3, page("c", null));

    String transfer = bench.matched(group);

    bench.awaitJob(transfer, "READY");
    assertFiles(transfer, "a", "b", "c");
    assertThat(bench.job(transfer)).containsEntry("warnings", null);
    GATEWAY
        .server()
        .verify(
            getRequestedFor(urlEqualTo(path(3)))
                .withHeader("Accept", equalTo("application/json"))
                .withHeader("Authorization", equalTo("Bearer token-1")));
  }

  @Test
  void aFileThatTwoPagesNameIsOne() throws Exception {
    answers(1, page("a", path(2)));
    answers(2, page("a", null));

    String transfer = bench.matched(group);

    bench.awaitJob(transfer, "READY");
    assertFiles(transfer, "a");
  }

  @Test
  void aRelativePageIsRelativeToThePageThatNamesIt() throws Exception {
    answers(1, page("a", job + "?page=2"));
    answers(2, page("b", "?page=3"));
    answers(3, page("c", null));

    String transfer = bench.matched(group);

    bench.awaitJob(transfer, "READY");
    assertFiles(transfer, "a", "b", "c");
  }

  @Test
  void filesAreRelativeToThePageThatNamesThemAndOfOneNameOnTwoPagesAreTwo() throws Exception {
    String file = "{\"output\": [{\"type\": \"Patient\", \"url\": \"Patient.ndjson\"}]%s}";
    String next = ", \"link\": [{\"relation\": \"next\", \"url\": \"%s-parts/2\"}]".formatted(job);
    answers(1, okJson(file.formatted(next)));
    GATEWAY.inTurn(
        () -> get(urlEqualTo(ROOT + "job/" + job + "-parts/2")), okJson(file.formatted("")));

    String transfer = bench.matched(group);

    bench.awaitJob(transfer, "READY");
    assertThat(bench.files(transfer))
        .extracting(each -> each.get("url").toString().replace(GATEWAY.url() + ROOT + "job/", ""))
        .containsExactly("Patient.ndjson", job + "-parts/Patient.ndjson");
  }

  @Test
  void aPageThatIsNotReadyIsWaitedForAndNothingIsTakenBefore() throws Exception {
    answers(1, page("a", path(2)));
    answers(2, aResponse().withStatus(202).withHeader("Retry-After", "1"));

    String transfer = bench.matched(group);

    await().until(() -> (int) bench.job(transfer).get("polls") > 0);
    assertThat(bench.files(transfer)).isEmpty();
    answers(2, aResponse().withStatus(503), page("b", null));
    bench.awaitJob(transfer, "READY");
    assertFiles(transfer, "a", "b");
  }

  @Test
  void pagesThatDoNotComeUntilTheDeadlineAreAWarningAndTheOthersAreTaken() throws Exception {
    own("p2p.poll.deadline", "1s");
    answers(1, page("a", path(2)));
    answers(2, aResponse().withStatus(202));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "READY"))
        .containsEntry(
            "warnings", "further pages of the manifest were not ready within p2p.poll.deadline");
    assertFiles(transfer, "a");
  }

  @Test
  void filesThatAreShownEarlyAreTakenWithAllOthersInTheEnd() throws Exception {
    answers(1, early(202, page("a", null)), early(202, page("a", path(2))), page("a", path(2)));
    answers(2, page("b", null));

    String transfer = bench.matched(group);

    bench.awaitJob(transfer, "READY");
    assertFiles(transfer, "a", "b");
    assertThat(bench.job(transfer)).containsEntry("polls", 2).containsEntry("warnings", null);
  }

  @Test
  void aStatusInAHeaderOfItsOwnCountsInsteadOf200() throws Exception {
    answers(
        1,
        page("a", null).withHeader("X-Export-Status", "202"),
        page("a", path(2)).withHeader("X-Export-Status", "200"));
    answers(
        2,
        page("b", null).withHeader("X-Export-Status", "202"),
        page("b", null).withHeader("X-Export-Status", "200"));

    String transfer = bench.matched(group);

    bench.awaitJob(transfer, "READY");
    assertFiles(transfer, "a", "b");
    assertThat(bench.job(transfer)).containsEntry("polls", 2);
  }

  @Test
  void aStatusInAHeaderThatMayPassIsAskedForAgain() throws Exception {
    answers(1, page("a", null).withHeader("X-Export-Status", "503"), page("a", null));

    String transfer = bench.matched(group);

    bench.awaitJob(transfer, "READY");
    assertThat(bench.events(transfer)).contains("RETRY_LATER");
  }

  @Test
  void aFailureInAHeaderFailsTheJobAlthoughItShowsFiles() throws Exception {
    answers(1, page("a", null).withHeader("X-Export-Status", "500"));

    assertFails("JOB_FAILED");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void pagesThatLeadBackEndWithAReason(int to) throws Exception {
    answers(1, page("a", path(2)));
    answers(2, page("b", path(to)));

    assertFails("BAD_ANSWER");
  }

  @Test
  void aPageWithoutAUrlEndsWithAReason() throws Exception {
    answers(1, okJson("{\"output\": [], \"link\": [{\"relation\": \"next\"}]}"));

    assertFails("BAD_ANSWER");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "{}", "{\"output\": {}}", "<html/>"})
  void aPageThatIsNoneEndsWithAReason(String body) throws Exception {
    answers(1, page("a", path(2)));
    answers(2, okJson(body));

    assertFails("BAD_ANSWER");
  }

  @Test
  void aPageThatIsGoneEndsWithAReason() throws Exception {
    answers(1, page("a", path(2)));
    answers(2, aResponse().withStatus(404));

    assertFails("BAD_ANSWER");
  }

  @Test
  void anOutcomeInPlaceOfAPageFailsTheJob() throws Exception {
    answers(1, page("a", path(2)));
    answers(
        2,
        okJson(
            "{\"resourceType\": \"OperationOutcome\", \"issue\": [{\"severity\": \"error\", \"code\": \"processing\"}]}"));

    assertFails("JOB_FAILED");
  }

  @Test
  void aPageElsewhereIsNotAskedFor() throws Exception {
    answers(1, page("a", FOREIGN.foreignUrl() + path(2)));

    assertFails("FOREIGN_HOST");
  }

  @Test
  void aPageAtAHostThatIsTrustedWithFilesIsAskedForWithoutTheToken() throws Exception {
    Gateway store = new Gateway();
    store.start();
    try {
      own("p2p.payers.bison.trusted-hosts", store.foreignUrl().replace("http://", ""));
      answers(1, page("a", store.foreignUrl() + "/page"));
      store.stub(get(urlEqualTo("/page")).willReturn(page("b", null)));

      String transfer = bench.matched(group);

      bench.awaitJob(transfer, "READY");
      store.server().verify(getRequestedFor(urlEqualTo("/page")).withoutHeader("Authorization"));
    } finally {
      store.stop();
    }
  }

  @Test
  void aPageUnderASignedUrlIsAskedForWithoutTheToken() throws Exception {
    String signed = path(2) + "&X-Amz-Signature=0a1b";
    answers(1, page("a", signed));
    GATEWAY.stub(get(urlEqualTo(signed)).willReturn(page("b", null)));

    String transfer = bench.matched(group);

    bench.awaitJob(transfer, "READY");
    GATEWAY.server().verify(getRequestedFor(urlEqualTo(signed)).withoutHeader("Authorization"));
  }

  @Test
  void pagesThatTakeLongerThanALeaseAreEachAskedForOnce() throws Exception {
    own("p2p.lease", "6s");
    for (int page = 1; page < 7; page++) {
      answers(page, page("f" + page, path(page + 1)).withFixedDelay(1_300));
    }
    answers(7, page("f7", null));

    String transfer = bench.matched(group);

    bench.awaitJob(transfer, "READY");
    assertFiles(transfer, "f1", "f2", "f3", "f4", "f5", "f6", "f7");
    GATEWAY.server().verify(1, getRequestedFor(urlEqualTo(path(2))));
  }

  @Test
  void pagesThatTogetherTakeMoreMemoryThanThereIsAreReadOneByOne() throws Exception {
    own("p2p.http.max-memory", "300000");
    String padding = "x".repeat(100_000);
    for (int page = 1; page < 9; page++) {
      answers(page, padded(padding, "f" + page, path(page + 1)));
    }
    answers(9, padded(padding, "f9", null));

    String transfer = bench.matched(group);

    bench.awaitJob(transfer, "READY");
    assertThat(bench.files(transfer)).hasSize(9);
    GATEWAY.server().verify(1, getRequestedFor(urlEqualTo(path(1))));
  }

  @Test
  void moreFilesOnAllPagesThanAreTakenFailAndNameTheKey() throws Exception {
    own("p2p.export.max-files", "2");
    answers(1, page("a", path(2)));
    answers(2, page("b", path(3)));
    answers(3, page("c", null));

    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "FAILED"))
        .containsEntry("reason", "TOO_LARGE")
        .extractingByKey("detail")
        .asString()
        .contains("p2p.export.max-files (2)");
  }

  private void assertFails(String reason) throws Exception {
    String transfer = bench.matched(group);

    assertThat(bench.awaitJob(transfer, "FAILED")).containsEntry("reason", reason);
    assertThat(bench.files(transfer)).isEmpty();
  }

  private void assertFiles(String transfer, String... names) {
    assertThat(bench.files(transfer))
        .extracting(file -> file.get("url").toString())
        .extracting(url -> url.substring(url.lastIndexOf('/') + 1))
        .containsExactly(names);
  }

  private void own(String key, String value) throws Exception {
    bench = BENCHES.own(key, value);
  }

  /** Answers requests for a page one after the other, the last one for ever. */
  private void answers(int page, ResponseDefinitionBuilder... inTurn) {
    GATEWAY.inTurn(() -> get(urlEqualTo(path(page))), inTurn);
  }

  private static ResponseDefinitionBuilder early(int status, ResponseDefinitionBuilder page) {
    return page.withStatus(status);
  }

  private String path(int page) {
    return ROOT + "job/" + job + (page == 1 ? "" : "?page=" + page);
  }

  private static ResponseDefinitionBuilder page(String file, String next) {
    return padded("", file, next);
  }

  private static ResponseDefinitionBuilder padded(String padding, String file, String next) {
    return okJson(
        "{\"padding\": \"%s\", \"output\": [{\"type\": \"Patient\", \"url\": \"%sfile/%s\"}]%s}"
            .formatted(
                padding,
                ROOT,
                file,
                next == null
                    ? ""
                    : ", \"link\": [{\"relation\": \"next\", \"url\": \"" + next + "\"}]"));
  }
}
