package org.payerexchange.ledger.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.payerexchange.dialect.BulkMatch;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.Row;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.RetryDecision;

/** When a payer was asked for a member, and when it answered. */
class AskedAtTest extends LedgerTest {
  private static final Instant ASKED = Instant.parse("2026-11-02T10:00:00Z");

  private static final RetryDecision UNSENT =
      new RetryDecision(
          RetryDecision.Action.RETRY,
          Duration.ZERO,
          Duration.ZERO,
          FailureReason.PAYER_UNAVAILABLE,
          "a test",
          null,
          true);

  private TransferClaim claim() {
    return Node.only(node.claims.claimForMatch(1));
  }

  private Instant at(String column, String transferId) {
    return database
        .jdbc()
        .sql("SELECT %s FROM transfer WHERE id = ?".formatted(column))
        .param(transferId)
        .query((row, at) -> Optional.ofNullable(new Row(row).instant(column)))
        .single()
        .orElse(null);
  }

  @Test
  void theMatchOfOneMemberIsAskedWhenItsRequestWasSentAndAnsweredWithItsCommit() {
    String id = node.register("bison", 1).get(0);
    TransferClaim claim = claim();
    assertThat(at("asked_at", id)).isNull();

    node.transfers.matched(claim.asked(ASKED), List.of("g1"));

    assertThat(at("asked_at", id)).isEqualTo(ASKED);
    assertThat(at("answered_at", id)).isAfterOrEqualTo(at("received_at", id));
  }

  @Test
  void theFirstOfSeveralRequestsCountsAndTheFirstAnswer() {
    String id = node.register("bison", 1).get(0);
    node.steps.retryLater(
        claim().asked(ASKED), FailureReason.PAYER_UNAVAILABLE, "a test", Node.NOW);
    assertThat(at("asked_at", id)).isEqualTo(ASKED);
    assertThat(at("answered_at", id)).isNull();

    node.transfers.noMatch(claim().asked(ASKED.plusSeconds(60)), FailureReason.NO_MATCH, "a test");
    Instant answered = at("answered_at", id);
    node.operators.retry(id, "ann");
    node.transfers.matched(claim().asked(ASKED.plusSeconds(90)), List.of("g1"));

    assertThat(at("asked_at", id)).isEqualTo(ASKED);
    assertThat(at("answered_at", id)).isEqualTo(answered).isNotNull();
  }

  @Test
  void whoHasNoTokenHasAskedNobodyAndARefusalIsNoAnswer() {
    List<String> ids = node.register("bison", 2);
    node.steps.holdBack(claim().asked(ASKED), FailureReason.TOKEN_REFUSED, "a test");
    node.claims
        .claimForMatch(2)
        .forEach(
            claim ->
                node.steps.fail(
                    claim.transferId().equals(ids.get(0)) ? claim.asked(ASKED) : claim,
                    FailureReason.PAYER_REFUSED,
                    "a test"));

    assertThat(at("asked_at", ids.get(0))).isEqualTo(ASKED);
    assertThat(at("asked_at", ids.get(1))).as("it was given up before").isNull();
    assertThat(at("answered_at", ids.get(0))).isNull();
  }

  @Test
  void whatWasNotSentAsksNobodyAndTakesNothingBack() {
    String id = node.register("bison", 1).get(0);
    node.steps.retryLater(claim().asked(ASKED), UNSENT);
    assertThat(at("asked_at", id)).isNull();

    node.steps.retryLater(
        claim().asked(ASKED), FailureReason.PAYER_UNAVAILABLE, "a test", Node.NOW);
    node.steps.fail(claim().asked(ASKED.plusSeconds(60)), UNSENT);

    assertThat(at("asked_at", id)).isEqualTo(ASKED);
  }

  @Test
  void theMembersOfABatchThatWasNeverSentWereNotAskedFor() {
    List<String> members = new Herd(node).register("Ash", "Birch", "Cedar");
    ExportJobClaim batch = Node.only(node.claims.claimForBatch(1));
    node.batches.started(batch);
    node.steps.retryLater(batch, UNSENT);
    assertThat(members).allSatisfy(id -> assertThat(at("asked_at", id)).isNull());

    batch = Node.only(node.claims.claimForBatch(1));
    node.batches.started(batch);
    node.steps.fail(batch, UNSENT);

    assertThat(members).allSatisfy(id -> assertThat(at("asked_at", id)).isNull());
    assertThat(node.events(batch.transferId()))
        .as("nothing can have been kicked off")
        .doesNotContain("KICKOFF_REPEATED");
  }

  @Test
  void aNodesClockThatIsAheadPutsNoQuestionBehindItsAnswer() {
    String id = node.register("bison", 1).get(0);

    node.transfers.matched(claim().asked(Instant.now().plus(1, ChronoUnit.HOURS)), List.of("g1"));

    assertThat(at("asked_at", id)).isBeforeOrEqualTo(at("answered_at", id));
  }

  @Test
  void theMembersOfABatchAreAskedTogetherAndEachIsAnswered() {
    Herd herd = new Herd(node);
    List<String> members = herd.register("Ash", "Birch", "Cedar");
    ExportJobClaim poll = herd.asked();
    assertThat(members).allSatisfy(id -> assertThat(at("asked_at", id)).isNotNull());
    assertThat(members).allSatisfy(id -> assertThat(at("answered_at", id)).isNull());

    herd.answered(
        poll,
        Map.of(
            members.get(0), BulkMatch.Kind.MATCHED,
            members.get(1), BulkMatch.Kind.NO_MATCH,
            members.get(2), BulkMatch.Kind.UNCORRELATED));

    assertThat(at("answered_at", members.get(0))).isNotNull();
    assertThat(at("answered_at", members.get(1))).isNotNull();
    assertThat(at("answered_at", members.get(2))).as("it is asked for once more").isNull();
  }

  @Test
  void theMembersOfABatchThatGotNoTokenWereNotAskedFor() {
    List<String> members = new Herd(node).register("Ash", "Birch", "Cedar");
    ExportJobClaim batch = Node.only(node.claims.claimForBatch(1));
    node.batches.started(batch);
    node.steps.holdBack(batch, FailureReason.TOKEN_REFUSED, "a test");
    assertThat(members).allSatisfy(id -> assertThat(at("asked_at", id)).isNull());

    batch = Node.only(node.claims.claimForBatch(1));
    node.batches.started(batch);
    Instant asked = at("asked_at", members.get(0));
    node.steps.retryLater(batch, FailureReason.PAYER_UNAVAILABLE, "a test", Duration.ZERO);
    batch = Node.only(node.claims.claimForBatch(1));
    node.batches.started(batch);
    node.steps.holdBack(batch, FailureReason.TOKEN_REFUSED, "a test");

    assertThat(members).allSatisfy(id -> assertThat(at("asked_at", id)).isEqualTo(asked));
  }

  @Test
  void ofTransfersBeforeThisTheAuditTrailTells() throws IOException {
    String id = node.register("bison", 1).get(0);
    node.steps.retryLater(claim(), FailureReason.TOKEN_REFUSED, "a test", Node.NOW);
    node.steps.retryLater(claim(), FailureReason.PAYER_UNAVAILABLE, "a test", Node.NOW);
    node.transfers.matched(claim(), List.of("g1"));
    String waits = node.register("bison", 1).get(0);
    Herd herd = new Herd(node);
    List<String> members = herd.register("Ash", "Birch", "Cedar");
    herd.answered(herd.asked(), Map.of(members.get(0), BulkMatch.Kind.MATCHED));
    Instant askedTogether = at("asked_at", members.get(0));
    database.jdbc().sql("UPDATE transfer SET asked_at = NULL, answered_at = NULL").update();

    try (InputStream migration =
        LedgerMigrations.class.getResourceAsStream("/db/migration/V14__report.sql")) {
      for (String statement : new String(migration.readAllBytes(), UTF_8).split(";\n", -1)) {
        if (statement.contains("UPDATE transfer SET")) {
          database.jdbc().sql(statement).update();
        }
      }
    }

    assertThat(at("asked_at", id)).isEqualTo(event(id, 3));
    assertThat(at("answered_at", id)).isEqualTo(event(id, 4));
    assertThat(at("asked_at", waits)).isNull();
    assertThat(at("asked_at", members.get(0))).isEqualTo(askedTogether);
    assertThat(at("answered_at", members.get(0))).isNotNull();
  }

  private Instant event(String id, int number) {
    return database
        .jdbc()
        .sql("SELECT at FROM transfer_event WHERE transfer_id = ? AND number = ?")
        .params(id, number)
        .query((row, at) -> new Row(row).instant("at"))
        .single();
  }
}
