package org.payerexchange.ops;

import java.time.LocalDate;
import java.time.Period;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.ledger.Recurrence;
import org.payerexchange.ledger.Repeat;
import org.payerexchange.ledger.store.RecurrenceLedger;
import org.payerexchange.ledger.store.RecurrenceLedger.NotDone;

/** Requests that are asked again and again, as operators see, change and stop them. */
public final class Recurring {
  private final RecurrenceLedger ledger;
  private final Filters filters;

  /**
   * Works on this ledger.
   *
   * @param known whether there is, or was, such a payer or sink
   */
  public Recurring(RecurrenceLedger ledger, BiPredicate<TokenClient.Kind, String> known) {
    this.ledger = ledger;
    this.filters = new Filters(known);
  }

  /**
   * A page of them, those that are due first in front.
   *
   * @param request may have a payer, a sender's id of a request, a state, {@code page} (from 0) and
   *     {@code size} (1 to 1000; 50 without one)
   * @throws OpsRefusal 400 naming what makes no sense
   */
  public RecurrenceLedger.Page list(Map<String, ?> request) {
    Asked asked = new Asked(request);
    RecurrenceLedger.Filter filter =
        new RecurrenceLedger.Filter(
            filters.payer(asked),
            asked.requestId(),
            asked.text("state") == null ? null : asked.constant(Recurrence.State.class, "state"));
    Asked.Page page = asked.page();
    return ledger.page(filter, page.number(), page.size());
  }

  /**
   * Has one not asked any more.
   *
   * @param request has {@code id}
   * @throws OpsRefusal 400, 404, or 409 if it has ended
   */
  public Recurrence stop(Map<String, ?> request) {
    Asked asked = new Asked(request);
    String id = asked.required(Filters.ID, "id");
    return done(id, () -> ledger.stop(id, Operations.actor(asked)));
  }

  /**
   * Has one asked more or less often, for longer or shorter.
   *
   * @param request has {@code id}, and {@code every}, such as {@code P90D}, or {@code until}, a day
   *     (UTC), or both
   * @throws OpsRefusal 400, 404, or 409 if it has ended, or its consent ends before
   */
  public Recurrence change(Map<String, ?> request) {
    Asked asked = new Asked(request);
    String id = asked.required(Filters.ID, "id");
    Period every = every(asked.text("every"));
    LocalDate until = until(asked.text("until"));
    if (every == null && until == null) {
      throw new OpsRefusal(400, "neither every nor until is given");
    }
    return done(id, () -> ledger.change(id, every, until, Operations.actor(asked)));
  }

  private static Period every(String text) {
    return text == null
        ? null
        : Repeat.period(text)
            .orElseThrow(
                () ->
                    new OpsRefusal(
                        400,
                        "every is not a period of ISO 8601 between a day and ten years, such as P90D"));
  }

  private static LocalDate until(String text) {
    try {
      return text == null ? null : LocalDate.parse(text);
    } catch (DateTimeParseException e) {
      throw new OpsRefusal(400, "until is not a day such as 2026-11-27");
    }
  }

  private Recurrence done(String id, Supplier<Optional<NotDone>> work) {
    work.get()
        .ifPresent(
            why -> {
              throw switch (why) {
                case GONE -> new OpsRefusal(404, "no such recurring request");
                case ENDED -> new OpsRefusal(409, "it is not asked again any more");
                case NO_TIME ->
                    new OpsRefusal(
                        409, "no time would be left for it before that day: stop it instead");
                case CONSENT_ENDS -> new OpsRefusal(409, "its consent ends before that day");
              };
            });
    return ledger.find(id).orElseThrow();
  }
}
