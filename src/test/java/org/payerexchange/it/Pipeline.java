package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.payerexchange.sandbox.Member;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.TestBundle;

/** A whole bundle as its users see it: files in, ledger and outbox out. */
public final class Pipeline {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private static final String OPEN =
      """
      SELECT kind FROM step WHERE transfer_id = ? AND (kind <> 'RELEASE'
        OR due_at < CURRENT_TIMESTAMP + INTERVAL '1' HOUR)""";

  private final TestBundle bundle;

  Pipeline(TestBundle bundle) {
    this.bundle = bundle;
  }

  /** Adds a payer that a sandbox speaks for. */
  public static TestBundle payer(TestBundle bundle, String tenant, Sandbox sandbox) {
    return bundle
        .payer(tenant, sandbox.origin().toString())
        .set("p2p.payers." + tenant + ".client-id", SandboxOptions.DEFAULT_CLIENT_ID)
        .set("p2p.payers." + tenant + ".client-secret", SandboxOptions.DEFAULT_CLIENT_SECRET);
  }

  /** What is known of a member on the day of intake. */
  public static String record(String requestId, Member member) {
    return record(
        requestId,
        member.tenant(),
        member.memberId(),
        member.given(),
        member.family(),
        member.birthDate().toString(),
        member.coverageId());
  }

  static String record(
      String requestId,
      String payer,
      String memberId,
      String given,
      String family,
      String birthDate,
      String coverageId) {
    return """
        {"payer": "%s", "requestId": "%s", "memberId": "%s", "given": "%s", "family": "%s", \
        "birthDate": "%s", "coverageId": "%s", "consentId": "consent-1", \
        "consentPolicy": "regular", \
        "consentStart": "2020-01-01", "consentEnd": "2099-12-31"}
        """
        .formatted(payer, requestId, memberId, given, family, birthDate, coverageId);
  }

  /** Drops a file with these records. */
  void take(List<String> records) throws IOException {
    drop(bundle.inbox(), records);
  }

  /** Drops a file with these records into an inbox. */
  public static void drop(Path inbox, List<String> records) throws IOException {
    Path part = inbox.resolve(UUID.randomUUID() + ".part");
    Files.writeString(part, String.join("", records));
    Files.move(part, inbox.resolve(UUID.randomUUID() + ".ndjson"));
  }

  /** The id of the transfer that a record became. */
  String id(String requestId) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(ids(requestId)).hasSize(1));
    return ids(requestId).get(0);
  }

  private List<String> ids(String requestId) {
    return column("SELECT id FROM transfer WHERE request_id = ?", requestId);
  }

  /**
   * Waits until a transfer has ended so, its outcome is told and its jobs are released, those apart
   * that are kept for a retry.
   */
  String awaitEnd(String requestId, String state) {
    String id = id(requestId);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(transfer(id)).containsEntry("state", state);
              assertThat(column(OPEN, id)).isEmpty();
            });
    return id;
  }

  Map<String, Object> transfer(String id) {
    return bundle.jdbc().sql("SELECT * FROM transfer WHERE id = ?").param(id).query().singleRow();
  }

  /** How many transfers have one of these states. */
  long count(String... states) {
    return bundle
        .jdbc()
        .sql("SELECT COUNT(*) FROM transfer WHERE state IN (:states)")
        .param("states", List.of(states))
        .query(Long.class)
        .single();
  }

  List<String> events(String id) {
    return column("SELECT what FROM transfer_event WHERE transfer_id = ? ORDER BY number", id);
  }

  List<String> fileStates(String id) {
    return column("SELECT state FROM output_file WHERE transfer_id = ? ORDER BY number", id);
  }

  List<Map<String, Object>> jobs(String id) {
    return bundle
        .jdbc()
        .sql("SELECT * FROM export_job WHERE transfer_id = ? ORDER BY id")
        .param(id)
        .query()
        .listOfRows();
  }

  List<Map<String, Object>> files(String id) {
    return bundle
        .jdbc()
        .sql("SELECT * FROM output_file WHERE transfer_id = ? ORDER BY number")
        .param(id)
        .query()
        .listOfRows();
  }

  List<String> column(String sql, Object... values) {
    return bundle.column(sql, values);
  }

  Path outbox(String payer, String id) {
    return bundle.outbox().resolve(payer).resolve(id);
  }

  /** The names of what was delivered, in order. */
  List<String> delivered(String payer, String id) throws IOException {
    return names(outbox(payer, id));
  }

  /** The names of what is left of a transfer in the work directory, or half received. */
  List<String> leftOf(String id) throws IOException {
    List<String> left = new ArrayList<>(names(bundle.work().resolve(id)));
    left.addAll(names(bundle.incoming(id)));
    return left;
  }

  private static List<String> names(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString())
          .sorted()
          .toList();
    }
  }
}
