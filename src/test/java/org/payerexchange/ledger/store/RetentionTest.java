package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.OutcomeClaim;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;

class RetentionTest extends LedgerTest {
  private static final Duration RETRYABLE = Duration.ofDays(30);
  private static final Duration KEPT = Duration.ofDays(365);

  @Test
  void theRequestOfADeliveredTransferGoesOnceItsOutcomeWasSent() {
    String id = node.ready("bison", 1);
    node.finish();
    OutcomeClaim outcome = Node.only(node.claims.claimForOutcome(1));
    node.outcomes.written(outcome);
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.COMPLETE);
    assertThat(retention().removeRequests()).isZero();

    node.outcomes.sent(outcome);

    assertThat(retention().removeRequests()).isEqualTo(1);
    assertThat(requests()).isZero();
    assertThat(node.events(id)).endsWith("OUTCOME_SENT", "REQUEST_REMOVED");
    assertThat(node.find(id).events())
        .extracting(TransferDetails.Event::number)
        .doesNotHaveDuplicates();
    assertThat(retention().removeRequests()).isZero();
  }

  @Test
  void theRequestOfAnOpenTransferStays() {
    node.matched("bison", "g");
    node.register("bison", 1);

    assertThat(retention().removeRequests()).isZero();
    assertThat(requests()).isEqualTo(2);
  }

  @Test
  void aFailedTransferMayBeRetriedUntilItsRequestIsTooOld() {
    String id = failed();
    assertThat(retention().removeRequests()).isZero();
    assertThat(retention().over(List.of(id))).isEmpty();

    age(id, RETRYABLE.plusHours(1));

    assertThat(retention().over(List.of(id))).containsExactly(id);
    assertThat(retention().removeRequests()).isEqualTo(1);
    assertThat(node.operators.retry(id, "alice")).isFalse();
    assertThat(node.find(id).transfer().state()).isEqualTo(TransferState.FAILED);
  }

  @Test
  void aFailedExportMayBeRetriedWithoutTheRequest() {
    node.matched("bison", "g");
    ExportJobClaim job = Node.only(node.claims.claimForKickoff(1));
    node.steps.fail(job, FailureReason.PAYER_REFUSED, "403");
    node.outcomes.sent(Node.only(node.claims.claimForOutcome(1)));
    age(job.transferId(), RETRYABLE.plusHours(1));
    retention().removeRequests();

    assertThat(node.operators.retry(job.transferId(), "alice")).isTrue();
    assertThat(node.claims.claimForKickoff(1)).hasSize(1);
  }

  @Test
  void anOldTransferGoesWithAllThatBelongsToIt() {
    String old = node.ready("bison", 2);
    node.finish();
    node.outcomes.sent(Node.only(node.claims.claimForOutcome(1)));
    String young = failed();
    age(old, KEPT.plusHours(1));
    assertThat(retention().removeTransfers()).as("its job is not released yet").isZero();
    node.jobs.released(Node.only(node.claims.claimForRelease(1)));

    assertThat(retention().removeTransfers()).isEqualTo(1);

    assertThat(node.queries.find(old)).isEmpty();
    assertThat(node.queries.find(young)).isPresent();
    for (String table : List.of("export_job", "output_file", "delivery")) {
      assertThat(count(table)).as(table).isZero();
    }
    assertThat(retention().over(List.of(old, young))).containsExactly(old);
  }

  @Test
  void noTransferGoesWithinTheDuplicateWindow() {
    String id = failed();
    age(id, Duration.ofDays(10));

    Retention hasty =
        new Retention(database, "node-1", Duration.ofDays(1), Duration.ofDays(1), RETRYABLE);

    assertThat(hasty.removeTransfers()).isZero();
    assertThat(retention(Duration.ofDays(1)).removeTransfers()).isEqualTo(1);
  }

  @Test
  void moreThanOneBatchGoesAtOnce() {
    node.register("bison", 1200);
    database
        .jdbc()
        .sql(
            """
            UPDATE transfer SET state = 'CANCELLED',
              finished_at = CURRENT_TIMESTAMP - INTERVAL '1000' DAY,
              received_at = CURRENT_TIMESTAMP - INTERVAL '1000' DAY""")
        .update();

    database.jdbc().sql("DELETE FROM step").update();

    assertThat(retention().removeRequests()).isEqualTo(1200);
    assertThat(retention().removeTransfers()).isEqualTo(1200);
    assertThat(count("transfer")).isZero();
  }

  @Test
  void whoWasShownARequestStandsInTheAuditTrail() {
    String id = node.register("bison", 1).get(0);

    assertThat(node.operators.showRequest(id, "alice"))
        .contains("{\"resourceType\":\"Parameters\"}");

    TransferDetails.Event event = node.find(id).events().get(1);
    assertThat(event.what()).isEqualTo("REQUEST_SHOWN");
    assertThat(event.actor()).isEqualTo("alice");
    assertThat(node.operators.showRequest(UUID.randomUUID().toString(), "alice")).isEmpty();
  }

  @Test
  void aPayerIsHeldBeforeItsFirstTransfer() {
    node.holds.hold("bison", Duration.ofMinutes(5), "asked for a pause");
    node.register("bison", 1);

    assertThat(node.claims.claimForMatch(1)).isEmpty();
    assertThat(node.holds.troubled()).containsExactly("bison");
  }

  private String failed() {
    String id = node.register("bison", 1).get(0);
    node.steps.fail(Node.only(node.claims.claimForMatch(1)), FailureReason.TOKEN_REFUSED, "401");
    node.outcomes.sent(Node.only(node.claims.claimForOutcome(1)));
    return id;
  }

  private Retention retention() {
    return new Retention(database, "node-1", RETRYABLE, KEPT, RETRYABLE);
  }

  private Retention retention(Duration kept) {
    return new Retention(database, "node-1", kept, kept, kept);
  }

  private void age(String id, Duration by) {
    database
        .jdbc()
        .sql(
            """
            UPDATE transfer SET
              finished_at = finished_at - CAST(? AS DOUBLE PRECISION) * INTERVAL '1' SECOND,
              received_at = received_at - CAST(? AS DOUBLE PRECISION) * INTERVAL '1' SECOND
            WHERE id = ?""")
        .params(LedgerDatabase.seconds(by), LedgerDatabase.seconds(by), id)
        .update();
  }

  private long requests() {
    return count("transfer_request");
  }

  private long count(String table) {
    return database.jdbc().sql("SELECT COUNT(*) FROM " + table).query(Long.class).single();
  }
}
