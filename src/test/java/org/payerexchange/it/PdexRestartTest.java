package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.payerexchange.sandbox.BulkMatch;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.PdexMember;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.support.HeldRoutes;
import org.payerexchange.support.JavaProcess;
import org.payerexchange.support.TestBundle;

/** A process that ends at any step of a batch and starts again: one match, one export, no more. */
class PdexRestartTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int MEMBERS = 3;

  @TempDir static Path folder;
  private static Sandbox sandbox;
  private static TestBundle bundle;
  private static PdexFolders folders;
  private static int number;

  @BeforeAll
  static void start() throws Exception {
    sandbox = PdexPayer.sandbox();
    bundle =
        PdexPayer.add(TestBundle.in(folder), sandbox, MEMBERS)
            .set("p2p.shutdown.timeout", "1s")
            .set("p2p.deliver.file-uris.1", "file:" + folder.resolve("copies"))
            .start();
    folders = new PdexFolders(bundle, sandbox);
  }

  @AfterAll
  static void stop() {
    bundle.close();
    sandbox.close();
  }

  @ParameterizedTest
  @CsvSource({
    "match-batch, MATCH_BATCH",
    "poll-match, MATCH_POLL",
    "kick-off-export, EXPORT_KICKOFF",
    "poll-export, EXPORT_POLL",
    "download-file, DOWNLOAD",
    "split-by-member, SPLIT",
    "deliver-to-sink, DELIVER",
    "send-outcome, OUTCOME",
    "release-job, RELEASE"
  })
  void aStopBeforeAStepChangesNothing(String route, String kind) throws Exception {
    int before = sandbox.bulkMatches().size();
    bundle.context().getRouteController().stopRoute(route);
    List<PdexMember> members = takeIn();
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                bundle.number(
                        "SELECT COUNT(*) FROM step WHERE kind = ? AND due_at IS NOT NULL", kind)
                    > 0);

    restart();

    assertThatAllEndAsTheyWouldHave(members, before);
  }

  @ParameterizedTest
  @CsvSource({
    "BULK_MATCH, HANG",
    "BULK_MATCH_STATUS, HANG",
    "BULK_MATCH_FILE, HANG",
    "BULK_MATCH_FILE, SLOW",
    "KICK_OFF, HANG",
    "STATUS, HANG",
    "FILE, HANG",
    "FILE, SLOW",
    "RELEASE, HANG",
    "BULK_MATCH_RELEASE, HANG"
  })
  void aStopWhileThePayerIsAskedChangesNothing(RequestKind where, Fault fault) throws Exception {
    int before = sandbox.bulkMatches().size();
    int asked = sandbox.requests().received(where);
    sandbox.faults().next(where, fault, Integer.MAX_VALUE);
    List<PdexMember> members = takeIn();
    await().atMost(PATIENCE).until(() -> sandbox.requests().received(where) > asked);

    restart();

    assertThatAllEndAsTheyWouldHave(members, before);
  }

  /** A gateway of its own: nobody gives it back the match whose answer was lost. */
  @Test
  void aMatchWhoseAnswerIsLostIsAskedForOnceMoreAndNobodyGetsAnythingTwice(@TempDir Path own)
      throws Exception {
    List<PdexMember> members = PdexPayer.plain(0, MEMBERS);
    try (Sandbox served = PdexPayer.sandbox();
        TestBundle asking = PdexPayer.add(TestBundle.in(own), served, MEMBERS).start()) {
      served.faults().next(RequestKind.BULK_MATCH, Fault.LOSE_ANSWER, 1);

      PdexPayer.take(asking, members);

      PdexFolders after = new PdexFolders(asking, served);
      for (PdexMember member : members) {
        after.awaitServed(member);
      }
      assertThat(served.bulkMatches()).hasSize(2);
      assertThat(exports(served, served.bulkMatches().get(0))).isZero();
      assertThat(exports(served, served.bulkMatches().get(1))).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "BULK_MATCH_STATUS, HANG",
    "BULK_MATCH_FILE, HANG",
    "STATUS, HANG",
    "FILE, SLOW",
    "BULK_MATCH_RELEASE, HANG"
  })
  void aProcessThatIsKilledWhileThePayerIsAskedLosesAndRepeatsNothing(
      RequestKind where, Fault fault, @TempDir Path own) throws Exception {
    List<PdexMember> members = PdexPayer.plain(0, MEMBERS);
    try (Sandbox served = PdexPayer.sandbox()) {
      served.faults().next(where, fault, Integer.MAX_VALUE);
      try (JavaProcess child = process(own, served, MEMBERS)) {
        PdexPayer.drop(own.resolve("inbox"), members);
        await().atMost(PATIENCE).until(() -> served.requests().received(where) > 0);
        child.kill();
      }
      served.faults().clear();

      assertThatAnotherProcessEndsIt(own, served, members);
    }
  }

  /** Some members have their files, others have not. */
  @Test
  void aProcessThatIsKilledInTheMiddleOfASplitServesEachMemberOnce(@TempDir Path own)
      throws Exception {
    int many = 60;
    List<PdexMember> members = PdexPayer.plain(0, many);
    try (Sandbox served = PdexPayer.sandbox()) {
      Path outbox = own.resolve("outbox").resolve(PdexPayer.ID);
      try (JavaProcess child = process(own, served, many)) {
        PdexPayer.drop(own.resolve("inbox"), members);
        await()
            .atMost(PATIENCE)
            .pollInterval(Duration.ofMillis(5))
            .until(() -> !PdexFolders.lines(outbox).isEmpty());
        child.kill();
      }

      assertThatAnotherProcessEndsIt(own, served, members);
    }
  }

  /** All members have their files, and the split is not over. */
  @Test
  void aProcessThatIsKilledBeforeTheSplitIsOverServesEachMemberOnce(@TempDir Path own)
      throws Exception {
    List<PdexMember> members = PdexPayer.plain(0, MEMBERS);
    try (Sandbox served = PdexPayer.sandbox()) {
      Path outbox = own.resolve("outbox").resolve(PdexPayer.ID);
      try (JavaProcess child =
          process(
              own,
              served,
              MEMBERS,
              "routes="
                  + HeldRoutes.before("split-by-member", "commit-split", own.resolve("routes")))) {
        PdexPayer.drop(own.resolve("inbox"), members);
        await().atMost(PATIENCE).until(() -> manifests(outbox) == MEMBERS);
        child.kill();
      }

      assertThatAnotherProcessEndsIt(own, served, members);
    }
  }

  private static long manifests(Path outbox) throws IOException {
    if (!Files.isDirectory(outbox)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(outbox)) {
      return files.filter(file -> file.endsWith("manifest.json")).count();
    }
  }

  private static void assertThatAnotherProcessEndsIt(
      Path own, Sandbox served, List<PdexMember> members) throws Exception {
    try (TestBundle again = PdexPayer.add(TestBundle.in(own), served, members.size()).start()) {
      PdexFolders after = new PdexFolders(again, served);
      for (PdexMember member : members) {
        after.awaitServed(member);
      }
      after.awaitReleased();
      after.assertJobs(1, 1);
    }
  }

  private static JavaProcess process(Path own, Sandbox served, int size, String... more)
      throws IOException {
    List<String> settings =
        new ArrayList<>(
            PdexPayer.settings(size).stream().map(setting -> String.join("=", setting)).toList());
    settings.addAll(List.of(more));
    return BundleProcess.start(own, served, "-Xmx256m", settings.toArray(String[]::new));
  }

  private static List<PdexMember> takeIn() throws IOException {
    List<PdexMember> members = PdexPayer.plain(number, MEMBERS);
    number += MEMBERS;
    PdexPayer.take(bundle, members);
    Pipeline pipeline = new Pipeline(bundle);
    members.forEach(member -> pipeline.id(PdexPayer.request(member)));
    return members;
  }

  private static void restart() throws Exception {
    bundle.stop();
    sandbox.faults().clear();
    bundle.start();
  }

  private static void assertThatAllEndAsTheyWouldHave(List<PdexMember> members, int before)
      throws IOException {
    for (PdexMember member : members) {
      String id = folders.awaitServed(member);
      assertThat(PdexFolders.lines(folder.resolve("copies").resolve(id)))
          .containsExactlyInAnyOrderElementsOf(PdexFolders.lines(folders.outbox(id)));
    }
    folders.awaitReleased();
    assertThat(sandbox.bulkMatches()).hasSize(before + 1);
    assertThat(exports(sandbox, sandbox.bulkMatches().get(before))).isEqualTo(1);
  }

  private static long exports(Sandbox sandbox, BulkMatch match) {
    return sandbox.groupExports().stream()
        .filter(export -> export.groupId().equals(match.groupId()))
        .count();
  }
}
