package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.payerexchange.ledger.store.LedgerDatabase;
import org.payerexchange.ledger.store.LedgerRecording;
import org.payerexchange.ledger.store.TestDatabase;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.support.TestBundle;

/**
 * What a release has left in ledger and folders (see {@link UpgradeRecording}) goes on with this
 * version. Its payer bison still knows the jobs; the payer heron has forgotten its own.
 */
class UpgradeTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** In no recording: they are there while a file is read, for several nodes, and after a crash. */
  private static final Set<String> EMPTY =
      Set.of("inbox_lock", "ledger_folder", "ledger_identity", "lost_end");

  /** What goes on in a transfer of bison that had got so far, and that of a member by this name. */
  private static final Map<String, List<String>> STILL_TO_DO =
      Map.of(
          "waiting",
              List.of(
                  "MATCH", "KICKOFF", "STATUS", "FILE 1", "FILE 2", "SINK 1", "SINK 2", "RELEASE"),
          "leased",
              List.of(
                  "MATCH", "KICKOFF", "STATUS", "FILE 1", "FILE 2", "SINK 1", "SINK 2", "RELEASE"),
          "running", List.of("STATUS", "FILE 1", "FILE 2", "SINK 1", "SINK 2", "RELEASE"),
          "halfthere", List.of("FILE 2", "SINK 2", "RELEASE"),
          "undelivered", List.of("SINK 1", "SINK 2", "RELEASE"),
          "complete", List.of(),
          "forgotten", List.of(),
          "cancelled", List.of(),
          "nobody", List.of());

  @TempDir Path folder;
  private String url;
  private TestBundle bundle;
  private Map<String, String> ids;

  static Stream<Path> recordings() throws IOException {
    try (Stream<Path> recordings = Files.list(UpgradeRecording.RECORDINGS)) {
      return recordings.sorted().toList().stream();
    }
  }

  static Stream<Arguments> recordingsAndDatabases() throws IOException {
    return recordings()
        .flatMap(
            recording ->
                Arrays.stream(TestDatabase.values())
                    .map(database -> Arguments.of(recording, database)));
  }

  @BeforeEach
  void makeFolder() throws IOException {
    Files.createDirectories(folder.resolve("data"));
  }

  @ParameterizedTest
  @MethodSource("recordings")
  void aRecordingHasSomethingInEachTable(Path recording) throws IOException {
    assertThat(new LedgerRecording(recording).empty()).isSubsetOf(EMPTY);
  }

  @Test
  void theLastReleaseIsRecorded() throws IOException {
    assertThat(recordings().map(recording -> recording.getFileName().toString()))
        .contains(
            Files.readString(Path.of("src/it/upgrade/last-release")).replaceFirst("(?s) .*", ""));
  }

  @ParameterizedTest
  @MethodSource("recordingsAndDatabases")
  void noRowIsLostOrChangedByTheUpgrade(Path recording, TestDatabase database) throws Exception {
    load(recording, database);
    Map<String, Set<String>> columns = LedgerRecording.tables(database, url);
    if (database == TestDatabase.H2) {
      // who opens an H2 gives back what nobody can have in hand, and counts it
      columns.get("step").removeAll(List.of("due_at", "lease_owner", "lease_until"));
      columns.remove("lost_end");
    }
    Map<String, List<String>> before = LedgerRecording.contents(database, url, columns);

    LedgerDatabase.open(url, "postgres", "", 2).close();

    assertThat(LedgerRecording.contents(database, url, columns)).isEqualTo(before);
  }

  @ParameterizedTest
  @MethodSource("recordingsAndDatabases")
  void allThatWaitsEndsAndNothingIsDoneTwice(Path recording, TestDatabase database)
      throws Exception {
    load(recording, database);
    unzip(recording.resolve(UpgradeRecording.FOLDERS));
    try (RememberedPayer payer = new RememberedPayer();
        Sandbox sandbox = PdexPayer.sandbox();
        TestBundle started =
            UpgradeRecording.bundle(folder, payer, sandbox)
                .set("p2p.database.url", url)
                .set("p2p.database.user", "postgres")
                .start()) {
      bundle = started;
      ids = ids();
      Map<String, List<String>> trails = trails();
      now();

      awaitComplete("REQ-waiting", "REQ-leased", "REQ-running", "REQ-halfthere", "REQ-undelivered");
      awaitComplete("request-PDEX-3", "request-PDEX-4", "request-PDEX-5");
      awaitDone(payer);
      assertThat(state("REQ-paused")).isEqualTo("RECEIVED");
      assertThat(done(payer)).doesNotContainKey("again");

      act("resume", "{\"payer\":\"ibis\"}");
      awaitComplete("REQ-paused");
      act("retry", "{\"state\":[\"FAILED\"]}");
      awaitComplete("REQ-refused", "REQ-jobfails");
      assertThat(state("REQ-nobody")).isEqualTo("NO_MATCH");
      assertThat(state("REQ-cancelled")).isEqualTo("CANCELLED");
      assertThatRequestIdsAreKnown();
      assertThatWhoWithdrewIsNotAskedFor(payer);
      assertThatItRepeats(payer);

      assertThat(done(payer)).as("at the end as well").containsAllEntriesOf(sorted(STILL_TO_DO));
      assertThat(payer.requests()).noneMatch(request -> request.startsWith("UNEXPECTED"));
      trails.forEach(
          (id, trail) ->
              assertThat(trails().get(id)).as(id).startsWith(trail.toArray(new String[0])));
      assertThat(bundle.column("SELECT what FROM transfer_event"))
          .doesNotContain("KICKOFF_REPEATED");
    }
  }

  private void assertThatRequestIdsAreKnown() throws Exception {
    long transfers = bundle.number("SELECT COUNT(*) FROM transfer");
    for (String name : STILL_TO_DO.keySet()) {
      String record =
          name.equals("running")
              ? UpgradeRecording.repeating(name)
              : RememberedPayer.record("bison", name);
      assertThat(post("/api/transfers", record)).contains(ids.get("REQ-" + name));
    }
    assertThat(bundle.number("SELECT COUNT(*) FROM transfer")).isEqualTo(transfers);
  }

  private void assertThatWhoWithdrewIsNotAskedFor(RememberedPayer payer) throws Exception {
    assertThat(bundle.column("SELECT state FROM recurrence WHERE request_id = 'REQ-withdrawn'"))
        .containsExactly("WITHDRAWN");
    HttpResponse<String> answer =
        UpgradeRecording.send(
            bundle,
            "/api/transfers",
            RememberedPayer.record("bison", "withdrawn").replace("REQ-", "REQ-NEW-"));

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("withdr");
    assertThat(done(payer)).doesNotContainKey("withdrawn");
  }

  private void assertThatItRepeats(RememberedPayer payer) {
    bundle
        .jdbc()
        .sql("UPDATE recurrence SET next_at = CURRENT_TIMESTAMP WHERE request_id = 'REQ-again'")
        .update();

    String next =
        "SELECT id FROM transfer WHERE state = 'COMPLETE' AND repeat_of = '%s'"
            .formatted(ids.get("REQ-again"));
    await().atMost(PATIENCE).until(() -> bundle.column(next).size() == 1);
    bundle.awaitEnd(bundle.column(next).get(0), "COMPLETE");
    assertThat(payer.requests())
        .as("an hour before the last export")
        .filteredOn(request -> request.startsWith("KICKOFF again "))
        .singleElement()
        .asString()
        .contains("_since=2026-10-31T23:00:00Z");
  }

  private void load(Path recording, TestDatabase database) throws IOException {
    url = database.newUrl(folder.resolve("data"));
    new LedgerRecording(recording).load(database, url);
  }

  private void unzip(Path zip) throws IOException {
    try (FileSystem from = FileSystems.newFileSystem(zip, Map.of());
        Stream<Path> files = Files.walk(from.getPath("/"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = folder.resolve(file.toString().substring(1));
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
  }

  /** What waits for its next try is tried, and the batch that gathers gets its last member. */
  private void now() throws Exception {
    act("now", "{}, \"all\": true");
    for (String batch :
        bundle.column("SELECT transfer_id FROM step WHERE kind = 'MATCH_POLL' AND attempts > 0")) {
      post("/api/transfers/" + batch + "/now", "");
    }
    PdexPayer.drop(bundle.inbox(), UpgradeRecording.herons(6, 1));
  }

  private void act(String action, String filter) throws Exception {
    post("/api/actions", "{\"action\":\"%s\",\"filter\":%s}".formatted(action, filter));
  }

  private String post(String path, String body) throws Exception {
    return UpgradeRecording.post(bundle, path, body);
  }

  private Map<String, String> ids() {
    Map<String, String> found = new TreeMap<>();
    bundle
        .jdbc()
        .sql("SELECT request_id, id FROM transfer WHERE request_id IS NOT NULL")
        .query(
            row -> {
              found.put(row.getString(1), row.getString(2));
            });
    return found;
  }

  private void awaitComplete(String... requests) {
    for (String request : requests) {
      bundle.awaitEnd(ids.get(request), "COMPLETE");
    }
  }

  private String state(String request) {
    return bundle.column("SELECT state FROM transfer WHERE id = ?", ids.get(request)).get(0);
  }

  private Map<String, List<String>> trails() {
    Map<String, List<String>> trails = new TreeMap<>();
    bundle
        .jdbc()
        .sql("SELECT transfer_id, what FROM transfer_event ORDER BY transfer_id, number")
        .query(
            row -> {
              trails
                  .computeIfAbsent(row.getString(1), id -> new ArrayList<>())
                  .add(row.getString(2));
            });
    return trails;
  }

  /** A job is given back behind the end of its transfer. */
  private static void awaitDone(RememberedPayer payer) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(done(payer)).containsAllEntriesOf(sorted(STILL_TO_DO)));
  }

  private static Map<String, List<String>> done(RememberedPayer payer) {
    Map<String, List<String>> done = new TreeMap<>(payer.done());
    STILL_TO_DO.keySet().forEach(name -> done.putIfAbsent(name, List.of()));
    return done;
  }

  private static Map<String, List<String>> sorted(Map<String, List<String>> requests) {
    Map<String, List<String>> sorted = new TreeMap<>();
    requests.forEach((name, each) -> sorted.put(name, each.stream().sorted().toList()));
    return sorted;
  }
}
