package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.payerexchange.ledger.TestDatabase;
import org.payerexchange.sandbox.BulkMatch;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.GroupExport;
import org.payerexchange.sandbox.PdexMember;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.support.TestBundle;

/**
 * Nodes that are killed while a gateway that does much wrong is asked for batches of members: each
 * member gets its own, once, and no job is started twice but where its answer was lost.
 */
class PdexChaosTest {
  private static final int BATCHES = 5;
  private static final int SIZE = 12;
  private static final Duration LONGEST_WAIT_FOR_A_KILL = Duration.ofSeconds(30);
  private static final Map<Fault, Double> FAULTS =
      Map.of(
          Fault.UNAVAILABLE, 0.04,
          Fault.RESET, 0.03,
          Fault.LOSE_ANSWER, 0.03,
          Fault.TRUNCATE, 0.03,
          Fault.HANG, 0.002,
          Fault.GROUPS_LOST, 1.0);

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void nodesThatAreKilledGiveEachMemberItsOwnAndAskForNothingTwice(TestDatabase database)
      throws Exception {
    int nodeCount = database == TestDatabase.H2 ? 1 : 2;
    Random random = new Random(20261127);
    List<PdexMember> members = PdexPayer.plain(0, BATCHES * SIZE);
    Files.createDirectories(folder.resolve("inbox"));
    Files.createDirectories(folder.resolve("data"));
    String url =
        database == TestDatabase.H2
            ? "jdbc:h2:file:" + folder.resolve("data/ledger")
            : database.newUrl(folder);
    try (Sandbox sandbox = PdexPayer.sandbox()) {
      try (Nodes nodes = new Nodes(folder, settings(url, sandbox))) {
        nodes.start(nodeCount);
        sandbox.faults().rates(FAULTS);
        for (int batch = 0; batch < BATCHES; batch++) {
          PdexPayer.drop(
              folder.resolve("inbox"),
              members.subList(batch * SIZE, (batch + 1) * SIZE),
              "members-" + batch + ".csv");
          awaitRequests(sandbox, 10 + random.nextInt(25));
          int node = random.nextInt(nodeCount);
          nodes.kill(node);
          nodes.restart(node);
        }
        awaitRequests(sandbox, 30);
        nodes.stop();
      }
      sandbox.faults().clear();
      // what GROUPS_LOST is for: a match that is given back before its export takes it along
      sandbox.faults().rates(Map.of(Fault.GROUPS_LOST, 1.0));

      try (TestBundle last =
          PdexPayer.add(TestBundle.in(folder), sandbox, SIZE)
              .set("p2p.database.url", url)
              .set("p2p.database.user", "postgres")
              .set("p2p.lease", "5s")
              .start()) {
        PdexFolders folders = new PdexFolders(last, sandbox);
        for (PdexMember member : members) {
          folders.awaitServed(member);
        }
        Map<String, Integer> exports = new HashMap<>();
        for (GroupExport export : sandbox.groupExports()) {
          exports.merge(export.groupId(), 1, Integer::sum);
        }
        int matched = sandbox.bulkMatches().size();
        int lost = lost(last);
        List<String> ofBatches =
            sandbox.bulkMatches().stream()
                .map(BulkMatch::groupId)
                .filter(exports::containsKey)
                .toList();
        assertThat(ofBatches).as("matches that led to an export").hasSize(BATCHES);
        assertThat(matched).isBetween(BATCHES, BATCHES + lost);
        assertThat(sandbox.groupExports().size()).isBetween(BATCHES, BATCHES + lost);
        assertThat(sandbox.requests().unexpected()).isEmpty();
      }
    }
  }

  /** How often nobody knew what had become of a job's beginning. */
  private static int lost(TestBundle bundle) {
    return (int)
        bundle.number("SELECT COUNT(*) FROM transfer_event WHERE what = 'KICKOFF_REPEATED'");
  }

  private static void awaitRequests(Sandbox sandbox, int more) {
    int requests = received(sandbox) + more;
    try {
      await()
          .atMost(LONGEST_WAIT_FOR_A_KILL)
          .pollInterval(Duration.ofMillis(5))
          .until(() -> received(sandbox) >= requests);
    } catch (ConditionTimeoutException quiet) {
      // nothing is to be asked any more
    }
  }

  private static int received(Sandbox sandbox) {
    return sandbox.requests().received().values().stream().mapToInt(Integer::intValue).sum();
  }

  private List<String> settings(String url, Sandbox sandbox) {
    String prefix = "p2p.payers." + PdexPayer.ID + ".";
    List<String> settings =
        new ArrayList<>(
            List.of(
                "p2p.inbox.directory=" + folder.resolve("inbox"),
                "p2p.work.directory=" + folder.resolve("work"),
                "p2p.outbox.directory=" + folder.resolve("outbox"),
                "p2p.database.url=" + url,
                "p2p.database.user=postgres",
                "p2p.ops.port=",
                "p2p.lease=15s",
                "p2p.tick=200ms",
                "p2p.inbox.quiet-time=200ms",
                "p2p.inbox.lock-timeout=3s",
                "p2p.poll.min-delay=100ms",
                "p2p.poll.max-delay=500ms",
                "p2p.retry.min-delay=50ms",
                "p2p.retry.max-delay=1s",
                "p2p.http.connect-timeout=1s",
                "p2p.http.response-timeout=2s",
                "p2p.http.answer-timeout=3s",
                prefix + "base-url=" + sandbox.baseUrl(PdexPayer.ID),
                prefix + "token-url=" + sandbox.tokenUrl(),
                prefix + "client-id=" + sandbox.options().clientId(),
                prefix + "client-secret=" + sandbox.options().clientSecret(),
                prefix + "scope=member-match|read"));
    PdexPayer.settings(SIZE).forEach(setting -> settings.add(String.join("=", setting)));
    return settings;
  }
}
