package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.store.PayerHolds;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.TestBundle;

/** Payers that ask for pauses, each of a second, for longer than all deadlines. */
class PausesTest {
  private static final int FILES = 40;

  @TempDir Path folder;

  @Test
  void inPausesNeitherRetryNorPollDeadlineRuns() throws Exception {
    try (Sandbox bison = sandbox(2);
        TestBundle bundle = bundle(bison).start()) {
      Pipeline pipeline = new Pipeline(bundle);
      bison.faults().next(RequestKind.STATUS, Fault.THROTTLE, 12);
      pipeline.take(List.of(Pipeline.record("request", Members.load("bison", 1))));

      await()
          .atMost(Duration.ofMinutes(3))
          .until(() -> bundle.bean("payerHolds", PayerHolds.class).troubled().contains("bison"));
      String id = pipeline.awaitEnd("request", "COMPLETE");

      assertThat(pipeline.events(id)).contains("RETRY_LATER").doesNotContain("EXPORT_EXPIRED");
      assertThat(bison.requests().kickOffs().values()).containsExactly(1);
    }
  }

  /** As a large hospital's server does with files of a few lines each. */
  @Test
  void aPayerThatThrottlesManySmallFilesGivesThemAll() throws Exception {
    try (Sandbox bison = sandbox(FILES);
        TestBundle bundle = bundle(bison).start()) {
      Pipeline pipeline = new Pipeline(bundle);
      bison.faults().rates(Map.of(Fault.THROTTLE, 0.1));
      pipeline.take(List.of(Pipeline.record("request", Members.load("bison", 1))));

      String id = pipeline.awaitEnd("request", "COMPLETE");

      assertThat(pipeline.delivered("bison", id)).hasSize(FILES + 1);
      assertThat(bison.requests().filesServed().values()).hasSize(FILES).containsOnly(1);
    }
  }

  @Test
  void aPayerThatAsksForPausesWithoutEndIsShownWithSinceWhen() throws Exception {
    try (Sandbox bison = sandbox(1);
        TestBundle bundle = bundle(bison).ops().start()) {
      Pipeline pipeline = new Pipeline(bundle);
      bison.faults().rates(Map.of(Fault.THROTTLE, 1.0));
      pipeline.take(List.of(Pipeline.record("request", Members.load("bison", 1))));

      await()
          .atMost(Duration.ofMinutes(3))
          .untilAsserted(
              () ->
                  assertThat(bundle.get("/observe/health/ready"))
                      .contains("payer bison is held since 20")
                      .contains("answered 429"));
      assertThat(bundle.get("/observe/metrics"))
          .contains("p2p_held_seconds{kind=\"payer\",name=\"bison\",reason=\"PAYER_BUSY\"}");
      assertThat(bundle.get("/api/transfers?size=1"))
          .contains("\"held\":[{\"kind\":\"payer\",\"name\":\"bison\",\"since\":\"20")
          .contains("\"reason\":\"PAYER_BUSY\"");
      bison.faults().clear();

      pipeline.awaitEnd("request", "COMPLETE");
      assertThat(bundle.get("/observe/health/ready")).doesNotContain("is held");
    }
  }

  private TestBundle bundle(Sandbox bison) {
    return Pipeline.payer(TestBundle.in(folder), "bison", bison)
        .set("p2p.retry.deadline", "1s")
        .set("p2p.poll.deadline", "10s");
  }

  private static Sandbox sandbox(int files) {
    return Sandbox.start(SandboxOptions.builder().load(new LoadShape(files, 512)).build());
  }
}
