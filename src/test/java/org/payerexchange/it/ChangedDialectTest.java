package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.payerexchange.ledger.store.OperatorAction;
import org.payerexchange.ledger.store.OperatorLedger;
import org.payerexchange.ledger.store.TestDatabase;
import org.payerexchange.ledger.store.TransferFilter;
import org.payerexchange.sandbox.GroupShape;
import org.payerexchange.sandbox.HrexOptions;
import org.payerexchange.sandbox.PdexMember;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.LogLines;
import org.payerexchange.support.TestBundle;

/** A payer's dialect is changed between two starts, while transfers of it are open. */
class ChangedDialectTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String PAYER = "p2p.payers.bison.";
  private static final String WARNED = "WARN payer bison has dialect=";
  private static final String OTHERWISE =
      "they are asked for otherwise, by themselves; put the dialect back if that is not meant";
  private static final String FAIL =
      "they fail (UNKNOWN_PAYER); put the dialect back and retry them, or send their records anew";

  @TempDir Path folder;
  private final List<PdexMember> members = PdexPayer.plain(0, 3);
  private LogLines log;
  private Sandbox sandbox;
  private TestBundle bundle;
  private PdexFolders folders;
  private Pipeline pipeline;

  @BeforeEach
  void start() {
    log = LogLines.from(Level.INFO);
    sandbox =
        Sandbox.start(
            SandboxOptions.builder()
                .runningPolls(1)
                .pdex(pdex -> pdex.holding(new GroupShape(13, 0, 1)))
                .hrex(HrexOptions.defaults())
                .build());
    bundle = PdexPayer.add(TestBundle.in(folder), sandbox, 3).set(PAYER + "match-batch-wait", "2s");
    pipeline = new Pipeline(bundle);
    folders = new PdexFolders(bundle, sandbox);
  }

  @AfterEach
  void stop() {
    bundle.close();
    sandbox.close();
    log.close();
  }

  @Test
  void theStartTellsEachPayerWithItsDialect() throws Exception {
    bundle.payer("adder", "http://127.0.0.1:1").start();

    assertThat(log.beginning("INFO payers: "))
        .containsExactly("INFO payers: adder (dialect=1up), bison (dialect=pdex)");
    assertThat(log.beginning(WARNED)).isEmpty();
  }

  @Test
  void membersThatWaitToBeAskedForAloneAreToldAndAskedForInABatch() throws Exception {
    stopBefore("1up", "match-member", "MEMBER_MATCH");

    bundle.set(PAYER + "match-batch-wait", "10m");
    startAnew("pdex");

    assertThat(log.beginning(WARNED))
        .containsExactly(
            WARNED
                + "pdex now; transfers that wait to be asked for alone by the dialect before: 3; "
                + OTHERWISE);
    for (PdexMember member : members) {
      folders.awaitServed(member);
    }
    folders.awaitReleased();
    folders.assertJobs(1, 1);
    assertThat(sandbox.requests().received(RequestKind.MATCH)).isZero();
  }

  @ParameterizedTest
  @CsvSource({"match-batch, MATCH_BATCH, 0", "poll-match, MATCH_POLL, 1"})
  void membersThatWaitInABatchAreToldAndAskedForAlone(String route, String kind, int matches)
      throws Exception {
    stopBefore("pdex", route, kind);

    startAnew("1up");

    assertThat(log.beginning(WARNED))
        .containsExactly(
            WARNED
                + "1up now; transfers that wait to be asked for in batches by the dialect before: 3; "
                + OTHERWISE);
    for (PdexMember member : members) {
      bundle.awaitEnd(id(member), "NO_MATCH");
    }
    assertThat(sandbox.requests().received(RequestKind.MATCH)).isEqualTo(members.size());
    folders.awaitReleased();
    folders.assertJobs(matches, 0);
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  void membersWhoseSharedExportIsNotAskedForYetAreToldAndFailUntilTheDialectIsPutBack(
      TestDatabase database) throws Exception {
    bundle.set("p2p.database.url", database.newUrl(folder)).set("p2p.database.user", "postgres");
    stopBefore("pdex", "kick-off-export", "EXPORT_KICKOFF");

    startAnew("1up");

    assertThat(log.beginning(WARNED))
        .containsExactly(
            WARNED
                + "1up now; transfers that wait for exports that members share by the dialect before: 3; "
                + FAIL);
    for (PdexMember member : members) {
      folders.awaitNothing(member, "FAILED", "UNKNOWN_PAYER");
    }
    folders.awaitReleased();
    assertThat(sandbox.requests().received(RequestKind.KICK_OFF)).isZero();

    startAnew("pdex");
    assertThat(
            bundle
                .bean("operatorLedger", OperatorLedger.class)
                .act(OperatorAction.RETRY, TransferFilter.ALL, "test", false)
                .done())
        .isEqualTo(3);

    for (PdexMember member : members) {
      folders.awaitServed(member);
    }
  }

  @Test
  void membersWhoseSharedExportRunsGoOnAndAreNotTold() throws Exception {
    stopBefore("pdex", "poll-export", "EXPORT_POLL");

    startAnew("1up");

    for (PdexMember member : members) {
      folders.awaitServed(member);
    }
    folders.awaitReleased();
    folders.assertJobs(1, 1);
    assertThat(log.beginning(WARNED)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "everything, retrieve-pages, RETRIEVE, 1up",
    "export, kick-off-export, EXPORT_KICKOFF, 1up",
    "export, kick-off-export, EXPORT_KICKOFF, pdex"
  })
  void dataOfOnePatientThatIsNotAskedForYetIsToldAndFails(
      String retrieval, String route, String kind, String now) throws Exception {
    bundle.set(PAYER + "retrieval", retrieval);
    stopBefore("hrex", route, kind);
    await().atMost(PATIENCE).until(() -> bundle.number("SELECT COUNT(*) FROM export_job") == 3);

    startAnew(now);

    assertThat(log.beginning(WARNED))
        .containsExactly(
            WARNED
                + now
                + " now; transfers that wait for the data of one Patient by the dialect before: 3; "
                + FAIL);
    for (PdexMember member : members) {
      folders.awaitNothing(member, "FAILED", "UNKNOWN_PAYER");
    }
    assertThat(sandbox.requests().received(RequestKind.KICK_OFF)).isZero();
  }

  /** Takes members in, and waits until they have come to this step, which is not done. */
  private void stopBefore(String dialect, String route, String kind) throws Exception {
    bundle.set(PAYER + "dialect", dialect).start();
    bundle.context().getRouteController().stopRoute(route);
    PdexPayer.take(bundle, members);
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                bundle.number("SELECT COUNT(*) FROM transfer WHERE NOT is_batch") == members.size()
                    && bundle.number("SELECT COUNT(*) FROM step WHERE kind = ?", kind) > 0);
  }

  private void startAnew(String dialect) throws Exception {
    bundle.stop();
    bundle.set(PAYER + "dialect", dialect).start();
  }

  private String id(PdexMember member) {
    return pipeline.id(PdexPayer.request(member));
  }
}
