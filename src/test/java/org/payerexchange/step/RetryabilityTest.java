package org.payerexchange.step;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.payerexchange.http.FailureNames;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.JobKind;
import org.payerexchange.ledger.OutcomeClaim;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.RetryDecision.Action;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.transaction.CannotCreateTransactionException;

class RetryabilityTest {
  private static final Instant NOW = Instant.parse("2026-11-23T18:00:00Z");

  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

  private double random = 1;
  private final Retryability retryability =
      new Retryability(
          new FailureNames(CLOCK)::name,
          CLOCK,
          new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5), () -> random),
          Duration.ofDays(3));

  @ParameterizedTest
  @EnumSource(
      value = FailureReason.class,
      names = {
        "PAYER_UNAVAILABLE",
        "PAYER_BUSY",
        "BAD_ANSWER",
        "SINK_UNAVAILABLE",
        "SINK_BUSY",
        "LEDGER_UNAVAILABLE"
      })
  void whatCanPassIsTriedAgain(FailureReason reason) {
    assertThat(decide(new TransferException(reason, "why")))
        .returns(Action.RETRY, RetryDecision::action)
        .returns(Duration.ofSeconds(1), RetryDecision::in)
        .returns(reason, RetryDecision::reason)
        .returns("why", RetryDecision::detail);
  }

  @ParameterizedTest
  @EnumSource(
      value = FailureReason.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {
        "PAYER_UNAVAILABLE",
        "PAYER_BUSY",
        "BAD_ANSWER",
        "SINK_UNAVAILABLE",
        "SINK_BUSY",
        "LEDGER_UNAVAILABLE",
        "TOKEN_REFUSED",
        "CREDENTIALS_UNUSABLE",
        "LEASE_LOST"
      })
  void whatWillNotChangeFailsAtOnce(FailureReason reason) {
    RetryDecision decision =
        decide(new RuntimeCamelException(new TransferException(reason, "why")));

    assertThat(decision.action()).isEqualTo(Action.FAIL);
    assertThat(decision.reason()).isEqualTo(reason);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, 1s",
    "3, 1, 8s",
    "3, 0, 4s",
    "8, 1, 256s",
    "9, 1, 300s",
    "9, 0, 150s",
    "400, 1, 300s"
  })
  void theDelayDoublesUpToItsLimitAndHalfOfItIsLeftToChance(
      int attempts, double chance, String delay) {
    random = chance;

    assertThat(retryability.decide(unavailable(), claim(attempts, NOW)).in())
        .isEqualTo(Duration.parse("PT" + delay));
  }

  @Test
  void aLongerRetryAfterGoesBeforeTheOwnDelay() {
    TransferException busy =
        new TransferException(FailureReason.PAYER_BUSY, "429")
            .withRetryAfter(Optional.of(Duration.ofHours(3)));

    assertThat(retryability.decide(busy, claim(0, null)).in()).isEqualTo(Duration.ofHours(3));
  }

  @Test
  void theLastTryIsAtTheDeadlineAndThenItIsOver() {
    Instant nearlyOver = NOW.minus(Duration.ofDays(3)).plusSeconds(10);
    assertThat(retryability.decide(unavailable(), claim(9, nearlyOver)).in())
        .isEqualTo(Duration.ofSeconds(10));

    RetryDecision over =
        retryability.decide(unavailable(), claim(9, NOW.minus(Duration.ofDays(3))));
    assertThat(over.action()).isEqualTo(Action.FAIL);
    assertThat(over.reason()).isEqualTo(FailureReason.RETRY_DEADLINE);
    assertThat(over.detail()).contains("PAYER_UNAVAILABLE");
  }

  @ParameterizedTest
  @EnumSource(names = {"TOKEN_REFUSED", "CREDENTIALS_UNUSABLE"})
  void aStepWithoutATokenWaitsHoweverLongItHasFailed(FailureReason reason) {
    assertThat(
            retryability
                .decide(
                    new TransferException(reason, "401"), claim(9, NOW.minus(Duration.ofDays(9))))
                .action())
        .isEqualTo(Action.HOLD);
  }

  @Test
  void aFailureWithPatienceIsFinalOnceThatIsOver() {
    TransferException refused =
        new TransferException(FailureReason.PAYER_REFUSED, "401")
            .withPatience(Duration.ofMinutes(5));

    assertThat(retryability.decide(refused, claim(0, null)).action()).isEqualTo(Action.RETRY);
    assertThat(retryability.decide(refused, refusedFor(Duration.ofMinutes(4))).in())
        .isEqualTo(Duration.ofMinutes(1));
    assertThat(retryability.decide(refused, refusedFor(Duration.ofMinutes(5))))
        .isEqualTo(
            new RetryDecision(
                Action.FAIL, Duration.ZERO, Duration.ZERO, FailureReason.PAYER_REFUSED, "401"));
  }

  @Test
  void whatFailedOtherwiseBeforeTakesNothingOfThatPatienceAndTheDeadlineOfAllStays() {
    TransferException refused =
        new TransferException(FailureReason.PAYER_REFUSED, "401")
            .withPatience(Duration.ofMinutes(5));

    assertThat(retryability.decide(refused, claim(9, NOW.minus(Duration.ofHours(7)))).action())
        .isEqualTo(Action.RETRY);
    assertThat(retryability.decide(refused, claim(9, NOW.minus(Duration.ofDays(3)))).action())
        .isEqualTo(Action.FAIL);
  }

  private static Claim pollRefusedOften() {
    return new ExportJobClaim(
        1,
        "t",
        "bison",
        lease(9, null, null),
        Stage.EXPORT_POLL,
        JobKind.EXPORT,
        "g",
        "j",
        "u",
        null,
        null,
        null,
        false,
        NOW,
        9,
        0,
        7,
        0,
        false);
  }

  @ParameterizedTest
  @EnumSource(names = {"PAYER_BUSY", "SINK_BUSY"})
  void whoAsksForAPauseIsNeverGivenUp(FailureReason reason) {
    TransferException busy = new TransferException(reason, "429");

    RetryDecision decision = retryability.decide(busy, claim(9, NOW.minus(Duration.ofDays(30))));

    assertThat(decision.action()).isEqualTo(Action.RETRY);
    assertThat(decision.in()).isPositive();
  }

  @Test
  void otherPeoplesExceptionsAreNamedWithoutTheirWords() {
    RetryDecision broken = decide(new IOException("Erika Mustermann"));
    assertThat(broken.action()).isEqualTo(Action.RETRY);
    assertThat(broken.reason()).isEqualTo(FailureReason.PAYER_UNAVAILABLE);
    assertThat(broken.detail()).doesNotContain("Erika");

    RetryDecision bug = decide(new IllegalStateException("Erika Mustermann"));
    assertThat(bug.action()).isEqualTo(Action.FAIL);
    assertThat(bug.reason()).isEqualTo(FailureReason.INTERNAL);
    assertThat(bug.detail()).doesNotContain("Erika");
  }

  @Test
  void abrokenJsonBodyIsABadAnswer() {
    Exception broken = null;
    try {
      new ObjectMapper().readTree("{\"family\": \"Mustermann");
    } catch (IOException e) {
      broken = e;
    }
    RetryDecision decision = decide(new RuntimeCamelException(broken));

    assertThat(decision.action()).isEqualTo(Action.RETRY);
    assertThat(decision.reason()).isEqualTo(FailureReason.BAD_ANSWER);
    assertThat(decision.detail()).doesNotContain("Mustermann");
  }

  @Test
  void aLedgerThatIsAwayCanPassAndIsNobodyElsesFault() {
    RetryDecision away = decide(new DataAccessResourceFailureException("Erika Mustermann"));

    assertThat(away.action()).isEqualTo(Action.RETRY);
    assertThat(away.reason()).isEqualTo(FailureReason.LEDGER_UNAVAILABLE);
    assertThat(away.detail()).doesNotContain("Erika");
    assertThat(decide(new CannotCreateTransactionException("away")).reason())
        .isEqualTo(FailureReason.LEDGER_UNAVAILABLE);
    assertThat(away.pause()).isZero();
  }

  @Test
  void whoIsBusyOrAsksForAPauseIsLeftAloneForThatTime() {
    TransferException asked = unavailable().withRetryAfter(Optional.of(Duration.ofHours(3)));

    assertThat(decide(asked).pause()).isEqualTo(Duration.ofHours(3));
    assertThat(decide(new TransferException(FailureReason.PAYER_BUSY, "429")).pause())
        .isEqualTo(Duration.ofSeconds(1));
    assertThat(decide(unavailable()).pause()).isZero();
    assertThat(retryability.decide(asked.asFinalAnswer(), pollRefusedOften()).pause()).isZero();
  }

  @Test
  void aStoppingNodeHandsItsWorkBackAndALostLeaseIsLeftAlone() {
    assertThat(decide(new RejectedExecutionException()).action()).isEqualTo(Action.RELEASE);
    assertThat(decide(new TransferException(FailureReason.LEASE_LOST, "lost")).action())
        .isEqualTo(Action.LEAVE);
  }

  @Test
  void whatAStopMayHaveBrokenOffIsHandedBackAndAClearNoIsKept() {
    assertThat(decide(unavailable()).whileStopping().action()).isEqualTo(Action.RELEASE);
    assertThat(decide(new IllegalStateException("shut down")).whileStopping().action())
        .isEqualTo(Action.RELEASE);
    assertThat(
            decide(new TransferException(FailureReason.NO_GROUP_ID, "none"))
                .whileStopping()
                .action())
        .isEqualTo(Action.FAIL);
  }

  @Test
  void whateverASinkThrowsCanPassUnlessItAnswersNo() throws Exception {
    Claim outcome =
        new OutcomeClaim("t-1", "bison", lease(0, null, null), TransferState.FAILED, false);

    RetryDecision away = retryability.decide(new IllegalStateException("no broker"), outcome);
    assertThat(away.action()).isEqualTo(Action.RETRY);
    assertThat(away.reason()).isEqualTo(FailureReason.SINK_UNAVAILABLE);

    RetryDecision throttled =
        retryability.decide(answered(429, Map.of("retry-after", "600")), outcome);
    assertThat(throttled.in()).isEqualTo(Duration.ofMinutes(10));

    RetryDecision no = retryability.decide(answered(400, Map.of()), outcome);
    assertThat(no.action()).isEqualTo(Action.FAIL);
    assertThat(no.reason()).isEqualTo(FailureReason.SINK_REFUSED);
  }

  private static HttpOperationFailedException answered(int status, Map<String, String> headers)
      throws Exception {
    return new HttpOperationFailedException(
        "http://sink.example/", status, "text", null, headers, "body");
  }

  private RetryDecision decide(Throwable failure) {
    return retryability.decide(failure, claim(0, null));
  }

  private static TransferException unavailable() {
    return new TransferException(FailureReason.PAYER_UNAVAILABLE, "503");
  }

  private static Claim claim(int attempts, Instant failingSince) {
    return new TransferClaim("t-1", "bison", lease(attempts, failingSince, null), "{}", null, null);
  }

  private static Lease lease(int attempts, Instant failingSince, Instant refusedSince) {
    return new Lease(1, 1, attempts, failingSince, refusedSince);
  }

  private static Claim refusedFor(Duration time) {
    Instant since = NOW.minus(time);
    return new TransferClaim("t-1", "bison", lease(9, since, since), "{}", null, null);
  }
}
