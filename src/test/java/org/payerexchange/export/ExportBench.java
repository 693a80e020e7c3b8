package org.payerexchange.export;

import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.ledger.store.Claims;
import org.payerexchange.ledger.store.Leases;
import org.payerexchange.ledger.store.TransferLedger;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.PlainRecord;
import org.payerexchange.support.TestBundle;

/**
 * The export routes of the bundle on a real ledger, without the stages before and after them: the
 * test registers matched transfers, downloads are due but not done, and outcomes are told to
 * nobody.
 */
final class ExportBench implements AutoCloseable {
  private static final List<String> ROUTES =
      List.of("beans", "errors", "payer-call", "work", "export-kickoff", "export-poll");

  private static final String NEIGHBOURS =
      """
      - route:
          id: send-outcome
          from:
            uri: direct:send-outcome
            steps:
              - bean:
                  ref: outcomes
                  method: sent(${variable.claim})
      """;

  private final TestBundle bundle;
  private int records;
  private String consentPolicy;

  private ExportBench(TestBundle bundle) {
    this.bundle = bundle;
  }

  /** A bench for the payer {@code bison} at this gateway, which grants tokens from now on. */
  static ExportBench in(Path folder, Gateway gateway) throws IOException {
    Path routes = Files.createDirectories(folder.resolve("routes"));
    for (String name : ROUTES) {
      Path file = Path.of("routes", name + ".camel.yaml");
      Files.copy(file, routes.resolve(file.getFileName()));
    }
    Files.writeString(routes.resolve("neighbours.camel.yaml"), NEIGHBOURS);
    gateway.stub(
        post(urlEqualTo("/auth/realms/dev-portal/protocol/openid-connect/token"))
            .willReturn(okJson("{\"access_token\": \"token-1\", \"expires_in\": 300}")));
    return new ExportBench(TestBundle.in(folder).payer("bison", gateway.url()).routes(routes));
  }

  ExportBench set(String key, String value) {
    bundle.set(key, value);
    return this;
  }

  ExportBench start() throws Exception {
    bundle.start();
    return this;
  }

  /** What the payer is held for, and how many requests at once it gets. */
  Map<String, Object> gate() {
    return bundle.jdbc().sql("SELECT * FROM payer_gate WHERE payer = 'bison'").query().singleRow();
  }

  TestBundle bundle() {
    return bundle;
  }

  /** Registers a transfer whose member was found in these groups, and wakes the kick-offs. */
  String matched(String... groupIds) {
    return matched(LocalDate.now(ZoneOffset.UTC).plusYears(1), groupIds);
  }

  /** How far the consents go of those that are registered from now on. */
  void consentPolicy(String policy) {
    consentPolicy = policy;
  }

  /** The same for a consent that ends on a certain day. */
  String matched(LocalDate consentEnd, String... groupIds) {
    TransferLedger ledger = bundle.bean("transferLedger", TransferLedger.class);
    int record = ++records;
    ledger.register(
        List.of(
            PlainRecord.of(
                "test",
                record,
                null,
                "bison",
                "%064x".formatted(record),
                "{}",
                consentEnd,
                consentPolicy)));
    TransferClaim claim = claims().claimForMatch(1).get(0);
    assertThat(ledger.matched(claim, List.of(groupIds))).isTrue();
    claims().goOn(bundle.template(), claim);
    return claim.transferId();
  }

  /** Waits until the transfer's only job has a state, and returns its row. */
  Map<String, Object> awaitJob(String transfer, String state) {
    await().untilAsserted(() -> assertThat(job(transfer)).containsEntry("state", state));
    return job(transfer);
  }

  Map<String, Object> job(String transfer) {
    return bundle
        .jdbc()
        .sql("SELECT * FROM export_job WHERE transfer_id = ?")
        .param(transfer)
        .query()
        .singleRow();
  }

  /** Of the bundle's node. */
  Claims claims() {
    return new Claims(bundle.bean("leases", Leases.class));
  }

  /** What the transfer's jobs wait for. */
  List<String> waitsFor(String transfer) {
    return bundle.column("SELECT kind FROM step WHERE transfer_id = ? AND item > 0", transfer);
  }

  /** How long from its last change a job waits. */
  Duration wait(String transfer) {
    return bundle
        .jdbc()
        .sql(
            """
            SELECT updated_at, due_at FROM export_job
            JOIN step ON step.transfer_id = export_job.transfer_id AND item = export_job.id
            WHERE export_job.transfer_id = ?""")
        .param(transfer)
        .query(
            (row, number) ->
                Duration.between(
                    row.getTimestamp("updated_at").toInstant(),
                    row.getTimestamp("due_at").toInstant()))
        .single();
  }

  /** The rows of the transfer's files, in the order of their numbers. */
  List<Map<String, Object>> files(String transfer) {
    return bundle
        .jdbc()
        .sql("SELECT * FROM output_file WHERE transfer_id = ? ORDER BY number")
        .param(transfer)
        .query()
        .listOfRows();
  }

  String transferState(String transfer) {
    return bundle
        .jdbc()
        .sql("SELECT state FROM transfer WHERE id = ?")
        .param(transfer)
        .query(String.class)
        .single();
  }

  /** Waits until the transfer has ended in this state, its outcome told. */
  void awaitEnd(String transfer, String state) {
    bundle.awaitEnd(transfer, state);
  }

  /** What happened to the transfer, in order. */
  List<String> events(String transfer) {
    return bundle
        .jdbc()
        .sql("SELECT what FROM transfer_event WHERE transfer_id = ? ORDER BY number")
        .param(transfer)
        .query(String.class)
        .list();
  }

  @Override
  public void close() {
    bundle.close();
  }
}
