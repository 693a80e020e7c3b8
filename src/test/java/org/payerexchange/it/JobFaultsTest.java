package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.payerexchange.ledger.store.OperatorLedger;
import org.payerexchange.sandbox.ExportedJob;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.Member;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.RequestKind;

/** What the sandbox can do wrong with a job, as an operator would rehearse it. */
class JobFaultsTest {
  @RegisterExtension
  private static final Rehearsal REHEARSAL =
      new Rehearsal().set("p2p.payers.bison.incremental", "true");

  private static int members;

  @ParameterizedTest
  @CsvSource({
    "STATUS_COMPLETED, 0",
    "STATUS_UNKNOWN, 1",
    "NO_OUTPUT, 1",
    "TIME_WITHOUT_COLON, 0",
    "TIME_UNREADABLE, 1",
    "KICK_OFF_CUT, 0"
  })
  void aJobThatIsAnsweredForOddlyIsOneJobAndComplete(Fault fault, int warnings) throws Exception {
    REHEARSAL.sandbox().faults().rates(Map.of(fault, 1.0));
    int before = REHEARSAL.sandbox().requests().received(RequestKind.KICK_OFF);

    String id = REHEARSAL.pipeline().awaitEnd(take(), "COMPLETE");

    assertThat(REHEARSAL.pipeline().transfer(id)).containsEntry("warnings", warnings);
    assertThat(REHEARSAL.sandbox().requests().received(RequestKind.KICK_OFF) - before).isOne();
    assertThat(REHEARSAL.pipeline().files(id)).hasSize(fault == Fault.NO_OUTPUT ? 0 : 6);
  }

  @ParameterizedTest
  @CsvSource({"JOB_FAILED_BY_STATUS, JOB_FAILED", "STATUS_EMPTY, BAD_ANSWER"})
  void aJobThatIsLostFailsAndARetryStartsAnother(Fault fault, String reason) throws Exception {
    REHEARSAL.sandbox().faults().rates(Map.of(fault, 1.0));
    String request = take();
    String id = REHEARSAL.pipeline().awaitEnd(request, "FAILED");
    assertThat(REHEARSAL.pipeline().transfer(id)).containsEntry("reason", reason);
    REHEARSAL.sandbox().faults().clear();

    REHEARSAL.bundle().bean("operatorLedger", OperatorLedger.class).retry(id, "a test");

    REHEARSAL.pipeline().awaitEnd(request, "COMPLETE");
    assertThat(REHEARSAL.pipeline().files(id)).hasSize(6);
    assertThat(REHEARSAL.sandbox().jobs())
        .filteredOn(job -> job.groupId().equals("load-" + members))
        .hasSize(2)
        .allMatch(ExportedJob::released);
  }

  /** Case release-refused, with the rest of the payer's work beside it. */
  @Test
  void aPayerThatRefusesEveryReleaseIsAskedAsBefore() throws Exception {
    REHEARSAL.sandbox().faults().rates(Map.of(Fault.RELEASE_REFUSED, 1.0));

    String id = REHEARSAL.pipeline().id(take());

    REHEARSAL.bundle().awaitEnd(id, "COMPLETE");
    await()
        .untilAsserted(
            () -> assertThat(REHEARSAL.pipeline().events(id)).contains("RELEASE_GIVEN_UP"));
    assertThat(REHEARSAL.pipeline().events(id)).doesNotContain("RETRY_LATER");
    assertThat(REHEARSAL.pipeline().column("SELECT payer FROM payer_gate WHERE pace IS NOT NULL"))
        .isEmpty();
  }

  private static String take() throws Exception {
    Member member = Members.load("bison", ++members);
    String request = "request-" + members;
    REHEARSAL.pipeline().take(List.of(Pipeline.record(request, member)));
    return request;
  }
}
