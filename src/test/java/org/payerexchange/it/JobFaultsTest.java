package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.payerexchange.ledger.OperatorLedger;
import org.payerexchange.sandbox.ExportedJob;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.Member;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.TestBundle;

/** What the sandbox can do wrong with a job, as an operator would rehearse it. */
class JobFaultsTest {
  @TempDir static Path folder;
  private static Sandbox sandbox;
  private static TestBundle bundle;
  private static Pipeline pipeline;
  private static int members;

  @BeforeAll
  static void start() throws Exception {
    sandbox = Sandbox.start(SandboxOptions.defaults());
    bundle =
        Pipeline.payer(TestBundle.in(folder), "bison", sandbox)
            .set("p2p.payers.bison.incremental", "true")
            .start();
    pipeline = new Pipeline(bundle);
  }

  @AfterAll
  static void stop() {
    bundle.close();
    sandbox.close();
  }

  @AfterEach
  void mend() {
    sandbox.faults().clear();
  }

  @ParameterizedTest
  @CsvSource({
    "STATUS_COMPLETED, 0",
    "NO_OUTPUT, 1",
    "TIME_WITHOUT_COLON, 0",
    "TIME_UNREADABLE, 1",
    "KICK_OFF_CUT, 0"
  })
  void aJobThatIsAnsweredForOddlyIsOneJobAndComplete(Fault fault, int warnings) throws Exception {
    sandbox.faults().rates(Map.of(fault, 1.0));
    int before = sandbox.requests().received(RequestKind.KICK_OFF);

    String id = pipeline.awaitEnd(take(), "COMPLETE");

    assertThat(pipeline.transfer(id)).containsEntry("warnings", warnings);
    assertThat(sandbox.requests().received(RequestKind.KICK_OFF) - before).isOne();
    assertThat(pipeline.files(id)).hasSize(fault == Fault.NO_OUTPUT ? 0 : 6);
  }

  @ParameterizedTest
  @CsvSource({"JOB_FAILED_BY_STATUS, JOB_FAILED", "STATUS_EMPTY, BAD_ANSWER"})
  void aJobThatIsLostFailsAndARetryStartsAnother(Fault fault, String reason) throws Exception {
    sandbox.faults().rates(Map.of(fault, 1.0));
    String request = take();
    String id = pipeline.awaitEnd(request, "FAILED");
    assertThat(pipeline.transfer(id)).containsEntry("reason", reason);
    sandbox.faults().clear();

    bundle.bean("operatorLedger", OperatorLedger.class).retry(id, "a test");

    pipeline.awaitEnd(request, "COMPLETE");
    assertThat(pipeline.files(id)).hasSize(6);
    assertThat(sandbox.jobs())
        .filteredOn(job -> job.groupId().equals("load-" + members))
        .hasSize(2)
        .allMatch(ExportedJob::released);
  }

  /** Case release-refused, with the rest of the payer's work beside it. */
  @Test
  void aPayerThatRefusesEveryReleaseIsAskedAsBefore() throws Exception {
    sandbox.faults().rates(Map.of(Fault.RELEASE_REFUSED, 1.0));

    String id = pipeline.id(take());

    bundle.awaitEnd(id, "COMPLETE");
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(pipeline.events(id)).contains("RELEASE_GIVEN_UP"));
    assertThat(pipeline.events(id)).doesNotContain("RETRY_LATER");
    assertThat(pipeline.column("SELECT payer FROM payer_gate WHERE pace IS NOT NULL")).isEmpty();
  }

  private static String take() throws Exception {
    Member member = Members.load("bison", ++members);
    String request = "request-" + members;
    pipeline.take(List.of(Pipeline.record(request, member)));
    return request;
  }
}
