package org.payerexchange.report;

import java.time.Instant;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.Set;
import org.payerexchange.ledger.ReportedRequest;
import org.payerexchange.ledger.TransferState;

/** What came later than it has to by CMS-0057-F, or has not come although it is time. */
public enum Overdue {
  /** The payer was asked later than a week after the first day on which it was to be asked. */
  ASKED_LATE,
  /** That week is over, and the payer has not been asked. */
  NOT_ASKED,
  /** The payer's answer took more than a business day. */
  ANSWERED_LATE,
  /** The payer was asked more than a business day ago, or before the request failed. */
  UNANSWERED,
  /** The request is to be asked again, and its payer has not been asked for more than 90 days. */
  NOT_ASKED_AGAIN;

  private static final int DAYS_TO_ASK = 7;
  private static final int BUSINESS_DAYS_TO_ANSWER = 1;
  private static final int DAYS_TO_ASK_AGAIN = 90;

  /** What holds of a request now. */
  static Set<Overdue> of(ReportedRequest request, BusinessDays days, Instant now) {
    Set<Overdue> found = EnumSet.noneOf(Overdue.class);
    if (request.enrolledOn() != null) {
      LocalDate last = toBeAsked(request).plusDays(DAYS_TO_ASK);
      if (request.askedAt() != null && days.day(request.askedAt()).isAfter(last)) {
        found.add(ASKED_LATE);
      } else if (request.askedAt() == null && mayStillAsk(request) && days.day(now).isAfter(last)) {
        found.add(NOT_ASKED);
      }
    }
    if (request.askedAt() != null
        && (request.answeredAt() != null || mayStillAsk(request))
        && days.between(request.askedAt(), until(request, now)) > BUSINESS_DAYS_TO_ANSWER) {
      found.add(request.answeredAt() != null ? ANSWERED_LATE : UNANSWERED);
    }
    if (request.repeatsSince() != null
        && days.day(now).isAfter(days.day(request.repeatsSince()).plusDays(DAYS_TO_ASK_AGAIN))) {
      found.add(NOT_ASKED_AGAIN);
    }
    return found;
  }

  /** Of who opts in after the enrolment nobody may be asked before. */
  private static LocalDate toBeAsked(ReportedRequest request) {
    LocalDate consented = request.consentStart();
    return consented != null && consented.isAfter(request.enrolledOn())
        ? consented
        : request.enrolledOn();
  }

  /** Of what somebody gave up nobody waits for more; what failed can be retried. */
  private static boolean mayStillAsk(ReportedRequest request) {
    return request.state() == TransferState.RECEIVED
        || (request.state() == TransferState.FAILED && !request.withdrawn());
  }

  private static Instant until(ReportedRequest request, Instant now) {
    if (request.answeredAt() != null) {
      return request.answeredAt();
    }
    return request.state().terminal() ? request.finishedAt() : now;
  }
}
