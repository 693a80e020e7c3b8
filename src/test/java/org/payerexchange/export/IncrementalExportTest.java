package org.payerexchange.export;

import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.support.Gateway;
import org.springframework.jdbc.core.simple.JdbcClient;

class IncrementalExportTest {
  private static final String EXPORT = "/v1/bison/bulk-data/r4/Group/%s/$export";

  private static final String SCOPE =
      "_type=Patient%2CCoverage&_typeFilter=Coverage%3Fstatus%3Dactive";

  @RegisterExtension final Gateway gateway = new Gateway();
  @TempDir Path folder;

  private ExportBench bench;

  @BeforeEach
  void start() throws Exception {
    bench =
        ExportBench.in(folder, gateway)
            .set("p2p.poll.min-delay", "1h")
            .set("p2p.poll.max-delay", "1h")
            .set("p2p.payers.bison.incremental", "true")
            .set("p2p.payers.bison.type", "Patient,Coverage")
            .set("p2p.payers.bison.type-filter", "Coverage?status=active")
            .set("p2p.export.overlap", "10m")
            .start();
  }

  @AfterEach
  void stop() {
    bench.close();
  }

  @Test
  void theNextExportOfTheSameGroupAsksForWhatIsNewSinceTheLastDeliveredOne() throws Exception {
    expect("g-1", "?" + SCOPE);
    ended("g-1", "FAILED", "2026-11-21T00:00:00Z");

    ended("g-1", "COMPLETE", "2026-11-22T00:00:00Z");

    expect("g-1", "?_since=2026-11-21T23%3A50%3A00Z&" + SCOPE);
    running("g-1");

    expect("g-2", "?" + SCOPE);
    running("g-2");
    assertThat(lastRequest().getUrl()).doesNotContain("_since");
  }

  @Test
  void afterAnExportThatBroughtNothingTheNextOneIsWhole() throws Exception {
    expect("g-1", "?" + SCOPE);
    String empty = running("g-1");
    end(empty, "COMPLETE", "2026-11-21T00:00:00Z");

    running("g-1");
    assertThat(lastRequest().getUrl()).doesNotContain("_since");
  }

  @Test
  void whatATransferWithAWarningLacksIsAskedForByTheNextOne() throws Exception {
    expect("g-1", "?" + SCOPE);
    ended("g-1", "COMPLETE", "2026-11-21T00:00:00Z");

    expect("g-1", "?_since=2026-11-20T23%3A50%3A00Z&" + SCOPE);
    String partial = ended("g-1", "COMPLETE", "2026-11-22T00:00:00Z");
    warn(partial);

    running("g-1");
    assertThat(lastRequest().getUrl()).contains("_since=2026-11-20T23");
  }

  /** What a payer kept back under the old consent was changed long ago. */
  @Test
  void afterTheConsentPolicyWasChangedAnExportIsWholeAndTheNextOneIsNot() throws Exception {
    expect("g-1", "?" + SCOPE);
    bench.consentPolicy("http://payer.example/consent#regular");
    ended("g-1", "COMPLETE", "2026-11-20T10:00:00Z");

    bench.consentPolicy("http://payer.example/consent#sensitive");
    ended("g-1", "COMPLETE", "2026-11-21T10:00:00Z");
    assertThat(lastRequest().getUrl()).doesNotContain("_since");

    expect("g-1", "?_since=2026-11-21T09%3A50%3A00Z&" + SCOPE);
    running("g-1");
  }

  /** Case transaction-time. */
  @Test
  void aTransactionTimeIsReadInTheFormThatThePayerSends() throws Exception {
    expect("g-1", "?" + SCOPE);
    ended("g-1", "COMPLETE", "2026-11-20T10:00:00.000+0000");

    expect("g-1", "?_since=2026-11-20T09%3A50%3A00Z&" + SCOPE);
    running("g-1");
  }

  @Test
  void afterATimeThatCannotBeReadTheNextExportIsWhole() throws Exception {
    gateway.stub(get(urlPathEqualTo(EXPORT.formatted("g-1"))).willReturn(accepted()));
    ended("g-1", "COMPLETE", "2026-11-20T10:00:00Z");
    String unreadable = ended("g-1", "COMPLETE", "last Friday");
    remark(unreadable);

    running("g-1");

    assertThat(lastRequest().getUrl()).doesNotContain("_since");
  }

  /** A server gave the time at which its jobs had ended. */
  @Test
  void anExportBeginsNoLaterThanTheLastOneWasAskedFor() throws Exception {
    expect("g-1", "?" + SCOPE);
    String first = ended("g-1", "COMPLETE", "2199-01-01T00:00:00Z");
    Instant asked =
        bench
            .bundle()
            .jdbc()
            .sql("SELECT kickoff_started_at FROM export_job WHERE transfer_id = ?")
            .param(first)
            .query((row, at) -> row.getTimestamp(1).toInstant())
            .single();
    gateway.stub(get(urlPathEqualTo(EXPORT.formatted("g-1"))).willReturn(accepted()));

    running("g-1");

    assertThat(Instant.parse(lastRequest().queryParameter("_since").firstValue()))
        .isEqualTo(asked.minus(Duration.ofMinutes(10)));
  }

  @Test
  void afterATypeWasAddedAnExportIsWholeAndSaysSoAndTheNextOneIsNot() throws Exception {
    expect("g-1", "?" + SCOPE);
    ended("g-1", "COMPLETE", "2026-11-20T10:00:00Z");
    bench.bundle().stop();
    bench.set("p2p.payers.bison.type", "Patient,Coverage,Claim").start();
    String wider = SCOPE.replace("Coverage&", "Coverage%2CClaim&");

    expect("g-1", "?" + wider);
    String whole = running("g-1");
    assertThat(bench.job(whole)).extractingByKey("asked_for_all").asString().contains("type");
    end(whole, "COMPLETE", "2026-11-21T10:00:00Z");
    brought(whole);
    remark(whole);

    expect("g-1", "?_since=2026-11-21T09%3A50%3A00Z&" + wider);
    String next = running("g-1");
    assertThat(bench.job(next)).containsEntry("asked_for_all", null);
  }

  /** What the ledger counts when a manifest comes with a remark. */
  private void remark(String transfer) {
    warn(transfer);
    bench
        .bundle()
        .jdbc()
        .sql("UPDATE export_job SET remarks = 1 WHERE transfer_id = ?")
        .param(transfer)
        .update();
  }

  private void warn(String transfer) {
    bench
        .bundle()
        .jdbc()
        .sql("UPDATE transfer SET warnings = 1 WHERE id = ?")
        .param(transfer)
        .update();
  }

  private LoggedRequest lastRequest() {
    return gateway.server().getAllServeEvents().get(0).getRequest();
  }

  private void expect(String group, String query) {
    gateway.stub(get(urlEqualTo(EXPORT.formatted(group) + query)).willReturn(accepted()));
  }

  private ResponseDefinitionBuilder accepted() {
    return okJson("{}")
        .withHeader("Content-Location", gateway.url() + "/v1/bison/bulk-data/r4/$export/job/7");
  }

  /** A transfer whose export of the group runs. */
  private String running(String group) {
    String transfer = bench.matched(group);
    bench.awaitJob(transfer, "RUNNING");
    return transfer;
  }

  /** A transfer whose export of the group ended so. */
  private String ended(String group, String state, String transactionTime) {
    String transfer = running(group);
    end(transfer, state, transactionTime);
    brought(transfer);
    return transfer;
  }

  private void brought(String transfer) {
    bench
        .bundle()
        .jdbc()
        .sql(
            """
            INSERT INTO output_file (job_id, transfer_id, payer, kind, resource_type, place, number,
              export_number, url, state, resources, updated_at)
            SELECT id, transfer_id, payer, 'OUTPUT', 'Patient', 1, 1, 1, '', 'STORED', 1,
              CURRENT_TIMESTAMP
            FROM export_job WHERE transfer_id = ?""")
        .param(transfer)
        .update();
  }

  private void end(String transfer, String state, String transactionTime) {
    JdbcClient jdbc = bench.bundle().jdbc();
    jdbc.sql("UPDATE transfer SET state = ? WHERE id = ?").params(state, transfer).update();
    jdbc.sql(
            """
            UPDATE export_job SET state = ?, transaction_time = ?,
              finished_at = CURRENT_TIMESTAMP
            WHERE transfer_id = ?""")
        .params(state, transactionTime, transfer)
        .update();
    jdbc.sql("DELETE FROM step WHERE transfer_id = ?").param(transfer).update();
  }
}
