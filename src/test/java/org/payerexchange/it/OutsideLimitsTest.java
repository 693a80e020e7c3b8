package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.camel.health.HealthCheck;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.ledger.store.LedgerDatabase;
import org.payerexchange.ledger.store.PeerQueries;
import org.payerexchange.ledger.store.TransferQueries;
import org.payerexchange.ledger.store.Waiting;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.TestBundle;

/** Disks that are full, folders that cannot be written, payers that are away for long. */
class OutsideLimitsTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int FAILURES = 4;

  @TempDir Path folder;
  private Sandbox bison;
  private Sandbox heron;
  private TestBundle bundle;
  private Pipeline pipeline;

  @BeforeEach
  void start() throws Exception {
    SandboxOptions options = SandboxOptions.builder().load(new LoadShape(2, 5_000)).build();
    bison = Sandbox.start(options);
    heron = Sandbox.start(options);
    bundle = TestBundle.in(folder);
    Pipeline.payer(bundle, "bison", bison);
    Pipeline.payer(bundle, "heron", heron).start();
    pipeline = new Pipeline(bundle);
  }

  @AfterEach
  void stop() {
    bundle.close();
    bison.close();
    heron.close();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void whileTheDiskIsFullDownloadsAreTriedAgain() throws Exception {
    bundle.context().getRouteController().stopRoute("download-file");
    take("request-full", "bison", 1);
    String id = pipeline.id("request-full");
    await().atMost(PATIENCE).until(() -> pipeline.files(id).size() == 2);
    Path incoming = Files.createDirectories(bundle.incoming(id));
    long before = bundle.number("SELECT nextval('lease_token')");
    for (var file : pipeline.files(id)) {
      // two leases may have one number, where they were given together
      for (long lease = before + 1; lease <= before + 2 * FAILURES; lease++) {
        Files.createSymbolicLink(
            incoming.resolve(
                ".%s-%s.ndjson.%d.part"
                    .formatted(file.get("resource_type"), file.get("number"), lease)),
            Path.of("/dev/full"));
      }
    }

    bundle.context().getRouteController().startRoute("download-file");

    pipeline.awaitEnd("request-full", "COMPLETE");
    assertThat(retries(id, "DOWNLOAD: SINK_UNAVAILABLE"))
        .hasSizeBetween(2 * FAILURES, 4 * FAILURES)
        .allSatisfy(retry -> assertThat(retry).contains("the outbox directory cannot be"));
    assertThat(pipeline.delivered("bison", id)).hasSize(3);
    assertThat(pipeline.leftOf(id)).isEmpty();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void whileADiskIsNearlyFullNothingIsBegunAndItGoesOnByItself() throws Exception {
    bundle.context().getRouteController().stopRoute("download-file");
    take("request-begun", "bison", 1);
    String id = pipeline.id("request-begun");
    await().atMost(PATIENCE).until(() -> pipeline.files(id).size() == 2);
    HealthCheck ready = bundle.bean("diskHealth", HealthCheck.class);
    Path done = bundle.inbox().resolve(".done");
    Path aside = Files.move(done, bundle.inbox().resolveSibling("done-aside"));
    // a file system of no size at all
    Files.createSymbolicLink(done, Path.of("/proc"));
    await().atMost(PATIENCE).until(() -> ready.call().getState() == HealthCheck.State.DOWN);
    assertThat(ready.call().getMessage().orElseThrow())
        .contains("p2p.inbox.directory: " + done + " has 0 MB left, less than p2p.disk.reserve");

    bundle.context().getRouteController().startRoute("download-file");
    take("request-waits", "bison", 2);
    await()
        .during(Duration.ofSeconds(2))
        .atMost(PATIENCE)
        .until(() -> bison.requests().filesServed().isEmpty() && pipeline.count("RECEIVED") == 0);

    Files.delete(done);
    Files.move(aside, done);
    pipeline.awaitEnd("request-begun", "COMPLETE");
    pipeline.awaitEnd("request-waits", "COMPLETE");
    assertThat(ready.call().getState()).isEqualTo(HealthCheck.State.UP);
  }

  @Test
  void whileTheOutboxCannotBeWrittenDownloadsAreTriedAgainAndNothingIsAskedFor() throws Exception {
    Path inTheWay = Files.writeString(bundle.outbox().resolve("bison"), "no folder");
    take("request-unwritable", "bison", 2);
    take("request-other-folder", "heron", 2);
    String id = pipeline.id("request-unwritable");
    await()
        .atMost(PATIENCE)
        .until(() -> retries(id, "DOWNLOAD: SINK_UNAVAILABLE").size() >= 2 * FAILURES);
    pipeline.awaitEnd("request-other-folder", "COMPLETE");
    assertThat(pipeline.transfer(id)).containsEntry("state", "MATCHED");
    assertThat(bison.requests().filesServed()).isEmpty();
    // told as our own trouble, and where it is
    assertThat(retries(id, "DOWNLOAD: SINK_UNAVAILABLE"))
        .allSatisfy(
            retry ->
                assertThat(retry)
                    .contains("the outbox directory cannot be used: bison")
                    .containsPattern("[A-Z][a-zA-Z]+Exception")
                    .doesNotContain(bundle.outbox().toString()));
    Waiting waiting =
        bundle.bean("transferQueries", TransferQueries.class).summary(id).orElseThrow().waitsFor();
    assertThat(waiting.kind()).isEqualTo("sink");
    assertThat(waiting.name()).isEqualTo("outbox");
    assertThat(new PeerQueries(bundle.bean("ledgerDatabase", LedgerDatabase.class)).failing())
        .doesNotContainKey(TokenClient.Kind.PAYER);

    Files.delete(inTheWay);

    pipeline.awaitEnd("request-unwritable", "COMPLETE");
    assertThat(pipeline.delivered("bison", id)).hasSize(3).contains("manifest.json");
    assertThat(bison.requests().filesServed().values()).hasSize(2).containsOnly(1);
  }

  @Test
  void thePayersThatAreThereDoNotWaitForOneThatIsDown() throws Exception {
    for (RequestKind kind : RequestKind.values()) {
      bison.faults().next(kind, Fault.RESET, Integer.MAX_VALUE);
    }
    for (int member = 0; member < 20; member++) {
      take("request-down-" + member, "bison", member);
      take("request-up-" + member, "heron", member);
    }
    for (int member = 0; member < 20; member++) {
      pipeline.awaitEnd("request-up-" + member, "COMPLETE");
    }
    assertThat(pipeline.count("RECEIVED")).isEqualTo(20);
    assertThat(
            bundle
                .jdbc()
                .sql("SELECT pace FROM payer_gate WHERE payer = 'bison'")
                .query(Integer.class)
                .single())
        .isEqualTo(1);

    bison.faults().clear();

    for (int member = 0; member < 20; member++) {
      pipeline.awaitEnd("request-down-" + member, "COMPLETE");
    }
  }

  @Test
  void aPayerThatIsBusyForLongIsAskedNoMoreThanItAllowsUntilItIsNotBusyAnyMore() throws Exception {
    bison.faults().next(RequestKind.MATCH, Fault.THROTTLE, Integer.MAX_VALUE);
    IntStream.range(0, 20).forEach(member -> take("request-busy-" + member, "bison", member));
    pipeline.id("request-busy-19");
    await().atMost(PATIENCE).until(() -> bison.requests().received(RequestKind.MATCH) > 8);
    long start = System.nanoTime();
    int before = bison.requests().received(RequestKind.MATCH);
    await()
        .atMost(PATIENCE)
        .until(() -> bison.requests().received(RequestKind.MATCH) >= before + 4);

    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .as("one request a second, as its Retry-After asks for")
        .isGreaterThan(Duration.ofMillis(2500));

    bison.faults().clear();
    for (int member = 0; member < 20; member++) {
      pipeline.awaitEnd("request-busy-" + member, "COMPLETE");
    }
  }

  private void take(String request, String payer, int member) {
    try {
      pipeline.take(List.of(Pipeline.record(request, Members.load(payer, member))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> retries(String id, String of) {
    return pipeline.column(
        """
        SELECT detail FROM transfer_event
        WHERE transfer_id = ? AND what = 'RETRY_LATER' AND detail LIKE ?""",
        id,
        of + "%");
  }
}
