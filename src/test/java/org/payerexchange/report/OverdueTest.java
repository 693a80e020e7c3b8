package org.payerexchange.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.payerexchange.ledger.TransferState.CANCELLED;
import static org.payerexchange.ledger.TransferState.COMPLETE;
import static org.payerexchange.ledger.TransferState.FAILED;
import static org.payerexchange.ledger.TransferState.MATCHED;
import static org.payerexchange.ledger.TransferState.NO_MATCH;
import static org.payerexchange.ledger.TransferState.RECEIVED;
import static org.payerexchange.report.Overdue.ANSWERED_LATE;
import static org.payerexchange.report.Overdue.ASKED_LATE;
import static org.payerexchange.report.Overdue.NOT_ASKED;
import static org.payerexchange.report.Overdue.NOT_ASKED_AGAIN;
import static org.payerexchange.report.Overdue.UNANSWERED;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.ReportedRequest;
import org.payerexchange.ledger.TransferState;

/** What is overdue, on a Friday of November 2026; a Wednesday before it is Veterans Day. */
class OverdueTest {
  private static final BusinessDays DAYS = new BusinessDays(ZoneId.of("America/New_York"));
  private static final Instant NOW = Instant.parse("2026-11-13T15:00:00Z");

  @Test
  void whoIsAskedWithinAWeekIsAskedInTimeAndTheLastDayCounts() {
    assertThat(of("2026-11-02", "2026-11-09T15:00:00Z", "2026-11-09T15:01:00Z", COMPLETE))
        .isEmpty();
    assertThat(of("2026-11-02", "2026-11-10T04:59:00Z", "2026-11-10T05:00:00Z", COMPLETE))
        .as("before midnight in New York")
        .isEmpty();
    assertThat(of("2026-11-02", "2026-11-10T05:01:00Z", "2026-11-10T05:02:00Z", MATCHED))
        .containsExactly(ASKED_LATE);
    assertThat(of(null, "2026-11-10T05:01:00Z", "2026-11-10T05:02:00Z", MATCHED))
        .as("the sender does not say since when")
        .isEmpty();
    assertThat(of("2027-01-01", null, null, RECEIVED)).as("it is to come").isEmpty();
  }

  @Test
  void whoOptsInAfterTheEnrolmentIsToBeAskedWithinAWeekOfThat() {
    String asked = "2026-11-10T15:00:00Z";
    assertThat(of("2026-01-02", "2026-11-03", asked, asked, COMPLETE, false, null)).isEmpty();
    assertThat(of("2026-01-02", "2026-11-02", asked, asked, COMPLETE, false, null))
        .containsExactly(ASKED_LATE);
    assertThat(of("2026-11-02", "2026-01-02", asked, asked, COMPLETE, false, null))
        .as("consented before")
        .containsExactly(ASKED_LATE);
    assertThat(of("2026-01-02", "2026-11-06", null, null, RECEIVED, false, null)).isEmpty();
    assertThat(of(null, "2026-01-02", asked, asked, COMPLETE, false, null)).isEmpty();
  }

  @Test
  void whoHasNotBeenAskedIsOverdueOnceTheWeekIsOver() {
    assertThat(of("2026-11-06", null, null, RECEIVED)).isEmpty();
    assertThat(of("2026-11-05", null, null, RECEIVED)).containsExactly(NOT_ASKED);
    assertThat(of("2026-11-05", null, null, FAILED)).containsExactly(NOT_ASKED);
    assertThat(of("2026-11-05", null, null, CANCELLED)).as("somebody gave it up").isEmpty();
    assertThat(of("2026-11-05", null, "2026-11-06T15:00:00Z", COMPLETE))
        .as("when is not known")
        .isEmpty();
  }

  @Test
  void anAnswerIsLateAfterMoreThanABusinessDay() {
    assertThat(of(null, "2026-11-06T22:00:00Z", "2026-11-09T22:00:00Z", COMPLETE)).isEmpty();
    assertThat(of(null, "2026-11-10T15:00:00Z", "2026-11-12T22:00:00Z", NO_MATCH)).isEmpty();
    assertThat(of(null, "2026-11-09T15:00:00Z", "2026-11-12T15:00:00Z", NO_MATCH))
        .containsExactly(ANSWERED_LATE);
    assertThat(of("2026-10-01", "2026-11-09T15:00:00Z", "2026-11-12T15:00:00Z", CANCELLED))
        .containsExactly(ASKED_LATE, ANSWERED_LATE);
  }

  @Test
  void whoSaysNothingForMoreThanABusinessDayIsUnansweredUntilItFailed() {
    assertThat(of(null, "2026-11-12T15:00:00Z", null, RECEIVED)).isEmpty();
    assertThat(of(null, "2026-11-10T15:00:00Z", null, RECEIVED)).containsExactly(UNANSWERED);
    assertThat(of(null, "2026-11-10T15:00:00Z", null, FAILED))
        .as("it failed the next day")
        .isEmpty();
    assertThat(of(null, "2026-11-09T15:00:00Z", null, FAILED)).containsExactly(UNANSWERED);
    assertThat(of(null, "2026-11-02T15:00:00Z", null, CANCELLED)).isEmpty();
  }

  @Test
  void whoWithdrewIsWaitedForNoMore() {
    assertThat(of("2026-11-05", null, null, FAILED, true, null)).isEmpty();
    assertThat(of(null, "2026-11-09T15:00:00Z", null, FAILED, true, null)).isEmpty();
  }

  @Test
  void whatRepeatsIsOverdueOnceMoreThanNinetyDaysHavePassed() {
    String asked = "2026-08-15T15:00:00Z";
    assertThat(of(null, asked, asked, COMPLETE, false, asked)).as("90 days ago").isEmpty();
    assertThat(of(null, asked, asked, COMPLETE, false, "2026-08-14T15:00:00Z"))
        .containsExactly(NOT_ASKED_AGAIN);
    assertThat(of(null, null, null, RECEIVED, false, "2026-08-14T15:00:00Z"))
        .as("the last time was not asked, and the one before that long ago")
        .containsExactly(NOT_ASKED_AGAIN);
  }

  /** What has ended did so on Thursday, 12 November. */
  private static Set<Overdue> of(
      String enrolled, String asked, String answered, TransferState state) {
    return of(enrolled, asked, answered, state, false, null);
  }

  private static Set<Overdue> of(
      String enrolled,
      String asked,
      String answered,
      TransferState state,
      boolean withdrawn,
      String repeatsSince) {
    return of(enrolled, null, asked, answered, state, withdrawn, repeatsSince);
  }

  private static Set<Overdue> of(
      String enrolled,
      String consented,
      String asked,
      String answered,
      TransferState state,
      boolean withdrawn,
      String repeatsSince) {
    return Overdue.of(
        new ReportedRequest(
            "t-1",
            "bison",
            "R-1",
            enrolled == null ? null : LocalDate.parse(enrolled),
            consented == null ? null : LocalDate.parse(consented),
            Instant.parse("2026-11-01T15:00:00Z"),
            asked == null ? null : Instant.parse(asked),
            answered == null ? null : Instant.parse(answered),
            state,
            null,
            state.terminal() ? Instant.parse("2026-11-12T20:00:00Z") : null,
            withdrawn,
            repeatsSince == null ? null : Instant.parse(repeatsSince),
            false),
        DAYS,
        NOW);
  }
}
