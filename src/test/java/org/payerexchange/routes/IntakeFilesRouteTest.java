package org.payerexchange.routes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.camel.ServiceStatus;
import org.apache.camel.support.service.ServiceSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.intake.Inbox;
import org.payerexchange.support.TestBundle;

class IntakeFilesRouteTest {
  private static final String HEADER =
      "memberId,given,family,birthDate,coverageId,consentId,consentPolicy,consentStart,consentEnd\n";
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir Path folder;
  private TestBundle bundle;

  @BeforeEach
  void start() throws Exception {
    bundle =
        TestBundle.in(folder)
            .payer("bison", "http://127.0.0.1:1")
            .payer("otter", "http://127.0.0.1:1")
            .routes(IntakeOnly.routesIn(folder))
            .start();
  }

  @AfterEach
  void stop() {
    bundle.close();
  }

  @Test
  void aFileInAPayersFolderBecomesTransfersAndLeavesForDone() throws Exception {
    drop("bison/members.csv", HEADER + row("m-1") + row("m-2"));
    drop("flat.json", flat("otter", "m-3"));
    await().atMost(PATIENCE).until(() -> done().size() == 2);
    assertThat(transfers("RECEIVED")).isEqualTo(3);
    assertThat(done()).anyMatch(name -> name.matches("bison/members-\\d{8}T\\d{9}\\.csv"));
    assertThat(done()).anyMatch(name -> name.matches("flat-\\d{8}T\\d{9}\\.json"));
    assertThat(waiting()).isEmpty();
    assertThat(
            bundle
                .jdbc()
                .sql("SELECT payer FROM transfer WHERE source = 'bison/members.csv'")
                .query(String.class)
                .list())
        .containsExactly("bison", "bison");
  }

  @Test
  void aFileWithTheLongestNameThereIsGoesTheSameWay() throws Exception {
    String name = "ü".repeat(125) + ".csv";
    drop("bison/" + name, HEADER + row("m-1") + row("m-2").replace("1980-04-05", "2026-02-30"));
    drop("without-extension", flat("otter", "m-3"));
    await().atMost(PATIENCE).until(() -> done().size() == 2);

    assertThat(done())
        .anyMatch(file -> file.matches("bison/ü{100}-\\d{8}T\\d{9}\\.csv"))
        .anyMatch(file -> file.matches("without-extension-\\d{8}T\\d{9}"));
    assertThat(names(bundle.inbox().resolve(".rejected")))
        .contains("ü".repeat(100) + "-2.csv", "ü".repeat(100) + "-2-outcome.json");
    assertThat(waiting()).isEmpty();
  }

  @Test
  void aBadRecordIsRejectedAloneWithItsFieldAndReason() throws Exception {
    drop(
        "bison/members.csv",
        HEADER + row("m-1") + row("m-2").replace("1980-04-05", "2026-02-30") + row("m-3"));
    await().atMost(PATIENCE).until(() -> done().size() == 1);
    assertThat(transfers("RECEIVED")).isEqualTo(2);
    assertThat(
            bundle
                .jdbc()
                .sql(
                    """
                    SELECT source, record_number, detail, request_json FROM transfer
                    LEFT JOIN transfer_request ON transfer_request.transfer_id = transfer.id
                    WHERE state = 'REJECTED'""")
                .query()
                .singleRow())
        .containsEntry("source", "bison/members.csv")
        .containsEntry("record_number", 2)
        .containsEntry("detail", "birthDate is not a date of the calendar, written YYYY-MM-DD")
        .containsEntry("request_json", null);
    Path rejected = bundle.inbox().resolve(".rejected");
    Path original = rejected.resolve("members.csv-2.csv");
    Path outcome = rejected.resolve("members.csv-2-outcome.json");
    assertThat(original)
        .content()
        .isEqualTo(HEADER + row("m-2").replace("1980-04-05", "2026-02-30"));
    JsonNode issue = new ObjectMapper().readTree(outcome.toFile()).at("/issue/0");
    assertThat(issue.path("code").asText()).isEqualTo("value");
    assertThat(issue.at("/expression/0").asText()).isEqualTo("birthDate");
    assertThat(issue.path("diagnostics").asText()).isEqualTo("record 2 of bison/members.csv");
    assertThat(outcome).content().doesNotContain("2026-02-30", "Marlowe", "m-2");
    for (Path file : List.of(original, outcome)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
    for (Path kept : List.of(rejected, bundle.inbox().resolve(".done"))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
          .isEqualTo("rwx------");
    }
  }

  @Test
  void aRecordAndAFolderThatNameDifferentPayersAreRejected() throws Exception {
    drop("bison/x.json", flat("otter", "m-1"));
    await().atMost(PATIENCE).until(() -> done().size() == 1);
    assertThat(transfers("RECEIVED")).isZero();
    assertThat(transfers("REJECTED")).isOne();
  }

  @Test
  void filesThatHoldNoRecordAreOneRejectionEachAndDoNotComeBack() throws Exception {
    drop("empty.json", "");
    Files.write(bundle.inbox().resolve("picture"), new byte[] {(byte) 0x89, 0, 'P', 0, 1, 2, 3});
    drop("bison/header.csv", HEADER);
    await().atMost(PATIENCE).until(() -> done().size() == 3);
    assertThat(transfers("REJECTED")).isEqualTo(3);
    assertThat(waiting()).isEmpty();
    assertThat(bundle.inbox().resolve(".rejected/picture-1.bin"))
        .hasBinaryContent(new byte[] {(byte) 0x89, 0, 'P', 0, 1, 2, 3});
    assertThat(bundle.inbox().resolve(".rejected/empty.json-1-outcome.json")).exists();
  }

  @Test
  void aFileWithATemporaryNameIsLeftAloneUntilItIsRenamed() throws Exception {
    drop("hidden.tmp", flat("bison", "t-1"));
    drop(".hidden.json", flat("bison", "t-2"));
    drop("part.filepart", flat("bison", "t-3"));
    drop(".cache/x.json", flat("bison", "t-4"));
    drop("whole.csv", "payer," + HEADER + "bison," + row("g-1"));
    await().atMost(PATIENCE).until(() -> done().size() == 1);
    assertThat(transfers("RECEIVED")).isOne();
    Files.move(
        bundle.inbox().resolve("hidden.tmp"), bundle.inbox().resolve("shown.json"), ATOMIC_MOVE);
    await().atMost(PATIENCE).until(() -> done().size() == 2);
    assertThat(transfers("RECEIVED")).isEqualTo(2);
    assertThat(waiting())
        .containsExactlyInAnyOrder("part.filepart", ".hidden.json", ".cache/x.json");
  }

  @Test
  void theSameRecordIsOneTransferHoweverOftenAndInWhicheverFormItArrives() throws Exception {
    drop("bison/a.csv", HEADER + row("m-1") + row("m-1"));
    await().atMost(PATIENCE).until(() -> done().size() == 1);
    drop("bison/a.csv", HEADER + row("m-1"));
    drop("b.json", "[" + flat("bison", "m-1") + "]");
    await().atMost(PATIENCE).until(() -> done().size() == 3);
    assertThat(transfers("RECEIVED")).isOne();
    assertThat(transfers("REJECTED")).isZero();
  }

  @Test
  void aKnownRequestIdWithOtherContentIsRejected() throws Exception {
    drop("a.json", flat("bison", "m-1").replace("{", "{\"requestId\":\"r-1\","));
    await().atMost(PATIENCE).until(() -> done().size() == 1);
    drop("b.json", flat("bison", "m-2").replace("{", "{\"requestId\":\"r-1\","));
    await().atMost(PATIENCE).until(() -> done().size() == 2);
    assertThat(transfers("RECEIVED")).isOne();
    assertThat(transfers("REJECTED")).isOne();
    assertThat(bundle.inbox().resolve(".rejected/b.json-1-outcome.json"))
        .content()
        .contains(
            "\"conflict\"",
            "requestId is known already, with other content: give a corrected record a new"
                + " requestId");
  }

  @Test
  void whileTheLedgerIsAwayIntakeIsSuspendedAndAFileIsTakenInAfterwards() throws Exception {
    bundle.jdbc().sql("ALTER TABLE transfer RENAME TO transfer_away").update();
    await().atMost(PATIENCE).until(this::intakeIsSuspended);
    drop("bison/a.csv", HEADER + row("m-1") + row("m-2"));
    await().during(Duration.ofSeconds(2)).atMost(PATIENCE).until(() -> locks() == 0);
    assertThat(waiting()).containsExactly("bison/a.csv");
    bundle.jdbc().sql("ALTER TABLE transfer_away RENAME TO transfer").update();
    await().atMost(PATIENCE).until(() -> done().size() == 1);
    assertThat(transfers("RECEIVED")).isEqualTo(2);
    assertThat(intakeIsSuspended()).isFalse();
  }

  /** The full size is tried with {@code -Dp2p.it.records=100000}. */
  @Test
  void aFileOfThousandsOfRecordsIsTakenInWhole() throws Exception {
    int records = Integer.getInteger("p2p.it.records", 5_000);
    Path file = folder.resolve("thousands.csv");
    try (BufferedWriter lines = Files.newBufferedWriter(file)) {
      lines.write(HEADER);
      for (int i = 0; i < records; i++) {
        lines.write(row("m-" + i));
      }
    }
    Files.createDirectories(bundle.inbox().resolve("bison"));
    Files.move(file, bundle.inbox().resolve("bison/thousands.csv"), ATOMIC_MOVE);
    await().atMost(PATIENCE.plusMillis(records * 10L)).until(() -> done().size() == 1);
    assertThat(transfers("RECEIVED")).isEqualTo(records);
    assertThat(
            bundle
                .jdbc()
                .sql("SELECT COUNT(DISTINCT record_number) FROM transfer")
                .query(Integer.class)
                .single())
        .isEqualTo(records);
  }

  @Test
  void aFileThatIsBeingReadWhenTheLedgerGoesAwayIsFinishedWhenItIsBack() throws Exception {
    int records = 12_000;
    StringBuilder text = new StringBuilder(HEADER);
    for (int i = 0; i < records; i++) {
      text.append(row("m-" + i));
    }
    drop("bison/many.csv", text.toString());
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> transfers("RECEIVED") > 0);
    bundle.jdbc().sql("ALTER TABLE transfer RENAME TO transfer_away").update();
    await().atMost(PATIENCE).until(this::intakeIsSuspended);
    assertThat(waiting()).containsExactly("bison/many.csv");
    bundle.jdbc().sql("ALTER TABLE transfer_away RENAME TO transfer").update();
    await().atMost(PATIENCE).until(() -> done().size() == 1);
    assertThat(transfers("RECEIVED")).isEqualTo(records);
  }

  @Test
  void aStopInTheMiddleOfAFileLosesNothingAndDoublesNothing() throws Exception {
    StringBuilder text = new StringBuilder(HEADER);
    for (int i = 0; i < 12_000; i++) {
      text.append(row("m-" + i));
    }
    bundle.stop();
    bundle.set("p2p.shutdown.timeout", "1s").start();
    drop("bison/many.csv", text + "wrong,row\n");
    await().atMost(PATIENCE).until(() -> transfers("RECEIVED") > 0);
    bundle.stop();
    bundle.start();
    await().atMost(PATIENCE).until(() -> done().size() == 1);
    assertThat(transfers("RECEIVED")).isEqualTo(12_000);
    assertThat(transfers("REJECTED")).isOne();
  }

  @Test
  void anotherRejectionOfTheSameNameIsKeptBesideTheFirst() throws Exception {
    drop("x.json", "{\"payer\":\"bison\"}");
    await().atMost(PATIENCE).until(() -> done().size() == 1);
    drop("x.json", "{\"payer\":\"otter\"}");
    await().atMost(PATIENCE).until(() -> done().size() == 2);
    Path rejected = bundle.inbox().resolve(".rejected");
    assertThat(rejected.resolve("x.json-1.json")).content().isEqualTo("{\"payer\":\"bison\"}");
    assertThat(rejected.resolve("x.json-1-2.json")).content().isEqualTo("{\"payer\":\"otter\"}");
    assertThat(rejected.resolve("x.json-1-2-outcome.json")).exists();
  }

  @Test
  void aCopyThatStallsIsTakenInWholeAndNoPartOfItIsRejected() throws Exception {
    bundle.stop();
    bundle.set("p2p.inbox.quiet-time", "6s").start();
    StringBuilder text = new StringBuilder(HEADER);
    for (int i = 0; i < 60; i++) {
      text.append(row("m-" + i));
    }
    int half = text.indexOf("m-30") + 20;
    Path file = bundle.inbox().resolve("bison/members.csv");
    Files.createDirectories(file.getParent());
    try (BufferedWriter copy = Files.newBufferedWriter(file)) {
      copy.write(text.substring(0, half));
      copy.flush();
      await().atMost(PATIENCE).until(() -> transfers("RECEIVED") == 30);
      copy.write(text.substring(half));
    }
    await().atMost(PATIENCE).until(() -> done().size() == 1);
    assertThat(transfers("RECEIVED")).isEqualTo(60);
    assertThat(transfers("REJECTED")).isZero();
    assertThat(bundle.inbox().resolve(".done").resolve(done().get(0))).hasContent(text.toString());
  }

  @Test
  void aLastRowWithoutALineEndIsTakenInTheEnd() throws Exception {
    drop("bison/members.csv", HEADER + row("m-1") + row("m-2").strip());
    await().atMost(PATIENCE).until(() -> done().size() == 1);
    assertThat(transfers("RECEIVED")).isEqualTo(2);
  }

  @Test
  void aPipeHoldsUpNobodyAndNoLinkIsFollowed() throws Exception {
    bundle.stop();
    bundle.set("p2p.inbox.notice-after", "500ms").start();
    Path outside = Files.createDirectories(folder.resolve("outside"));
    Files.writeString(outside.resolve("x.json"), flat("bison", "o-1"));
    Files.createSymbolicLink(bundle.inbox().resolve("linked"), outside);
    Files.createSymbolicLink(bundle.inbox().resolve("x.json"), outside.resolve("x.json"));
    for (int i = 0; i < 6; i++) {
      Path pipe = bundle.inbox().resolve("pipe-" + i + ".json");
      assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    }
    drop("line\nend.json", flat("bison", "m-1"));
    await().atMost(PATIENCE).until(() -> done().size() == 1);
    assertThat(transfers("RECEIVED")).isOne();
    assertThat(bundle.jdbc().sql("SELECT source FROM transfer").query(String.class).list())
        .containsExactly("line\\u000Aend.json");
    assertThat(outside.resolve("x.json")).exists();
    Inbox inbox = bundle.bean("inbox", Inbox.class);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(inbox.untaken())
                    .hasSize(8)
                    .contains("linked is a link", "pipe-0.json is not a regular file"));
  }

  @Test
  void aFileThatIsRejectedAsOneIsKeptWhole() throws Exception {
    String text = "no record at all\n".repeat(200_000);
    drop("notes.txt", text);
    await().atMost(PATIENCE).until(() -> done().size() == 1);
    assertThat(transfers("REJECTED")).isOne();
    assertThat(bundle.inbox().resolve(".rejected/notes.txt-1.bin")).hasContent(text);
  }

  @Test
  void moreRejectionsThanAreToldOneByOneAreOneWithTheWholeFile() throws Exception {
    bundle.stop();
    bundle.set("p2p.intake.max-rejections", "3").start();
    drop("known.json", "[" + request("r-1", "k-1") + "," + request("r-2", "k-2") + "]");
    await().atMost(PATIENCE).until(() -> done().size() == 1);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      text.append("{\"payer\":\"bison\",\"memberId\":\"bad-" + i + "\"}\n");
    }
    text.append(request("r-1", "other")).append('\n').append(request("r-2", "other")).append('\n');
    text.append(flat("bison", "m-1")).append('\n');
    drop("members.ndjson", text.toString());
    await().atMost(PATIENCE).until(() -> done().size() == 2);
    assertThat(transfers("RECEIVED")).isEqualTo(3);
    assertThat(transfers("REJECTED")).isEqualTo(4);
    Path rejected = bundle.inbox().resolve(".rejected");
    assertThat(names(rejected)).hasSize(8);
    assertThat(rejected.resolve("members.ndjson-4.json")).hasContent(text.toString());
    assertThat(rejected.resolve("members.ndjson-4-outcome.json"))
        .content()
        .contains("and 6 more behind it are rejected together", "coverageId is missing");
  }

  private static String request(String id, String member) {
    return flat("bison", member).replace("{", "{\"requestId\":\"" + id + "\",");
  }

  private boolean intakeIsSuspended() {
    ServiceStatus status =
        ((ServiceSupport) bundle.context().getRoute("receive-files").getConsumer()).getStatus();
    return status.isSuspended() || status.isStopped();
  }

  private int locks() {
    return bundle.jdbc().sql("SELECT COUNT(*) FROM inbox_lock").query(Integer.class).single();
  }

  private void drop(String name, String text) throws IOException {
    Path target = bundle.inbox().resolve(name);
    Files.createDirectories(target.getParent());
    Path temporary = Files.createTempFile(folder, "drop", ".tmp");
    Files.writeString(temporary, text, UTF_8);
    Files.move(temporary, target, ATOMIC_MOVE);
  }

  private int transfers(String state) {
    return bundle
        .jdbc()
        .sql("SELECT COUNT(*) FROM transfer WHERE state = ?")
        .param(state)
        .query(Integer.class)
        .single();
  }

  private List<String> done() throws IOException {
    return names(bundle.inbox().resolve(".done"));
  }

  private List<String> waiting() throws IOException {
    return names(bundle.inbox()).stream()
        .filter(name -> !name.startsWith(".done") && !name.startsWith(".rejected"))
        .toList();
  }

  private static List<String> names(Path root) throws IOException {
    if (!Files.exists(root)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString())
          .toList();
    }
  }

  private static String row(String member) {
    return member + ",Ada,Marlowe,1980-04-05,cov-1,consent-1,regular,2020-01-01,2099-12-31\n";
  }

  private static String flat(String payer, String member) {
    return """
    {"payer":"%s","memberId":"%s","given":"Ada","family":"Marlowe","birthDate":"1980-04-05",\
    "coverageId":"cov-1","consentId":"consent-1","consentPolicy":"regular",\
    "consentStart":"2020-01-01","consentEnd":"2099-12-31"}"""
        .formatted(payer, member);
  }
}
