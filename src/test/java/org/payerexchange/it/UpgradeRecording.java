package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.it.RememberedPayer.Trouble;
import org.payerexchange.ledger.store.LedgerRecording;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.PdexMember;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.support.TestBundle;

/**
 * Not a test: records schema, rows and folders of this version, with made-up members whose
 * transfers are in every state, into {@code src/test/resources/upgrade/<version>}, for {@link
 * UpgradeTest} of the versions to come. {@code make record} runs it, once for each release.
 */
class UpgradeRecording {
  static final Path RECORDINGS = Path.of("src", "test", "resources", "upgrade");
  static final String FOLDERS = "folders.zip";

  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Pattern VERSION =
      Pattern.compile("<artifactId>payer-exchange</artifactId>\\s*<version>([^<]+)<");

  @TempDir Path folder;
  private TestBundle bundle;

  @Test
  void record() throws Exception {
    var version = VERSION.matcher(Files.readString(Path.of("pom.xml")));
    assertThat(version.find()).isTrue();
    Path to = Files.createDirectories(RECORDINGS.resolve(version.group(1)));
    try (RememberedPayer payer = new RememberedPayer();
        Sandbox sandbox = PdexPayer.sandbox();
        TestBundle started =
            bundle(folder, payer, sandbox)
                .set("p2p.lease", "15s")
                .set("p2p.retry.min-delay", "30m")
                .set("p2p.retry.max-delay", "30m")
                .start()) {
      bundle = started;
      fill(payer, sandbox);

      new LedgerRecording(to).write(bundle.dataSource());
      zip(to.resolve(FOLDERS));
    }
  }

  /** The bundle that is recorded, and that of the versions to come. */
  static TestBundle bundle(Path folder, RememberedPayer payer, Sandbox sandbox) {
    TestBundle bundle =
        Pipeline.payer(TestBundle.in(folder), "heron", sandbox)
            .payer("bison", payer.url())
            .payer("ibis", payer.url())
            .ops()
            .set("p2p.payers.bison.incremental", "true")
            .set("p2p.recurring.interval", "100ms")
            .set("p2p.deliver.file-uris.1", payer.url() + "/sink")
            .set("p2p.organization.name", "Asking Health Plan")
            .set("p2p.organization.npi", "1999999992")
            .set("p2p.organization.uri", "https://asking.example.org");
    Map.of(
            "dialect", "pdex",
            "incremental", "true",
            "organization.name", "Imaginary Health Plan",
            "organization.npi", "1234567893",
            "match-batch-size", "2",
            "match-batch-wait", "10m")
        .forEach((key, value) -> bundle.set("p2p.payers.heron." + key, value));
    return bundle;
  }

  private void fill(RememberedPayer payer, Sandbox sandbox) throws Exception {
    take(
        plain("complete"),
        repeating("again"),
        repeating("withdrawn"),
        plain("forgotten"),
        "{\"payer\":\"bison\",\"requestId\":\"REQ-bad\"}\n");
    PdexPayer.drop(bundle.inbox(), herons(1, 2));
    awaitStates("COMPLETE", 6);
    awaitNothingDone();
    post("/api/withdrawals", "{\"payer\":\"bison\",\"requestId\":\"REQ-withdrawn\"}");
    post("/api/forget?payer=bison&requestId=REQ-forgotten", "");

    payer.trouble("refused", Trouble.MATCH_REFUSED);
    payer.trouble("jobfails", Trouble.JOB_FAILS);
    payer.trouble("nobody", Trouble.NO_MATCH);
    payer.trouble("cancelled", Trouble.JOB_RUNS);
    take(plain("refused"), plain("jobfails"), plain("nobody"), plain("cancelled"));
    awaitStates("FAILED", 2);
    awaitStates("NO_MATCH", 1);
    await().atMost(PATIENCE).until(() -> payer.requests().contains("STATUS cancelled"));
    post("/api/transfers/" + id("cancelled") + "/cancel", "");
    awaitStates("CANCELLED", 1);
    awaitNothingDone();

    act("pause", "ibis");
    take(RememberedPayer.record("ibis", "paused"));
    sandbox.faults().next(RequestKind.BULK_MATCH_STATUS, Fault.UNAVAILABLE, Integer.MAX_VALUE);
    PdexPayer.drop(bundle.inbox(), herons(3, 2));
    awaitLater("MATCH_POLL");
    PdexPayer.drop(bundle.inbox(), herons(5, 1));
    await()
        .atMost(PATIENCE)
        .until(() -> bundle.number("SELECT COUNT(*) FROM step WHERE kind = 'MATCH_BATCH'") == 1);
    payer.trouble("waiting", Trouble.MATCH_UNAVAILABLE);
    payer.trouble("running", Trouble.JOB_RUNS);
    payer.trouble("halfthere", Trouble.SECOND_FILE_UNAVAILABLE);
    payer.trouble("undelivered", Trouble.SINK_UNAVAILABLE);
    take(plain("waiting"), repeating("running"), plain("halfthere"), plain("undelivered"));
    awaitLater("MEMBER_MATCH");
    awaitLater("DOWNLOAD");
    awaitLater("DELIVER");
    await()
        .atMost(PATIENCE)
        .until(() -> payer.requests().containsAll(List.of("STATUS running", "SINK halfthere-1")));

    payer.trouble("leased", Trouble.MATCH_HANGS);
    take(plain("leased"));
    await().atMost(PATIENCE).until(() -> payer.requests().contains("MATCH leased"));
  }

  /** As the recording's request ids name them. */
  static List<PdexMember> herons(int first, int count) {
    return PdexPayer.plain(first, count).stream()
        .map(member -> PdexMember.of("heron", member.number()))
        .toList();
  }

  private static String plain(String name) {
    return RememberedPayer.record("bison", name);
  }

  static String repeating(String name) {
    return plain(name).replaceFirst("\\{", "{\"repeatEvery\":\"P90D\",");
  }

  private void take(String... records) throws IOException {
    Pipeline.drop(bundle.inbox(), List.of(records));
  }

  private String id(String name) {
    return bundle.column("SELECT id FROM transfer WHERE request_id = ?", "REQ-" + name).get(0);
  }

  private void awaitStates(String state, int count) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        bundle.number(
                            "SELECT COUNT(*) FROM transfer WHERE state = ? AND NOT is_batch",
                            state))
                    .as(bundle.column("SELECT request_id || state FROM transfer").toString())
                    .isEqualTo(count));
  }

  /** Until nothing is left of those that have ended but jobs that are kept for a retry. */
  private void awaitNothingDone() {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                bundle.number(
                        "SELECT COUNT(*) FROM step WHERE due_at < CURRENT_TIMESTAMP + INTERVAL '10' MINUTE")
                    == 0);
  }

  /** Until a step of this kind has failed, and waits. */
  private void awaitLater(String kind) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        bundle.column(
                            """
                            SELECT kind FROM step WHERE attempts > 0 AND lease_until IS NULL
                            AND due_at > CURRENT_TIMESTAMP + INTERVAL '10' MINUTE"""))
                    .contains(kind));
  }

  private void act(String action, String payer) throws Exception {
    post(
        "/api/actions",
        "{\"action\":\"%s\",\"filter\":{\"payer\":\"%s\"}}".formatted(action, payer));
  }

  private void post(String path, String body) throws Exception {
    post(bundle, path, body);
  }

  static String post(TestBundle bundle, String path, String body) throws Exception {
    HttpResponse<String> answer = send(bundle, path, body);
    assertThat(answer.statusCode()).as(path + " " + answer.body()).isBetween(200, 299);
    return answer.body();
  }

  static HttpResponse<String> send(TestBundle bundle, String path, String body) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(bundle.opsUrl() + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  /** Outbox and work directory. */
  private void zip(Path zip) throws IOException {
    Files.deleteIfExists(zip);
    try (FileSystem to =
        FileSystems.newFileSystem(zip, Map.of("create", "true", "compressionMethod", "DEFLATED"))) {
      for (Path from : Arrays.asList(bundle.outbox(), bundle.work())) {
        try (Stream<Path> files = Files.walk(from)) {
          for (Path file :
              files.filter(Files::isRegularFile).sorted(Comparator.naturalOrder()).toList()) {
            Path copy = to.getPath(folder.relativize(file).toString());
            if (copy.getParent() != null) {
              Files.createDirectories(copy.getParent());
            }
            Files.copy(file, copy);
            Files.setLastModifiedTime(copy, FileTime.from(Instant.EPOCH));
          }
        }
      }
    }
  }
}
