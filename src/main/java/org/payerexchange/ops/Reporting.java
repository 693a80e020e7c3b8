package org.payerexchange.ops;

import java.io.InputStream;
import java.time.LocalDate;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiPredicate;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.report.Report;

/** Answers who asks for a report, with everything that they send checked first. */
public final class Reporting {
  /** Says by its {@code text/csv} that no JSON is wanted. */
  public static final String ACCEPT = "Accept";

  private static final String CSV = "text/csv";

  private final Report report;
  private final Filters filters;

  /**
   * Answers with this.
   *
   * @param known whether there is, or was, such a payer or sink
   */
  public Reporting(Report report, BiPredicate<TokenClient.Kind, String> known) {
    this.report = report;
    this.filters = new Filters(known);
  }

  /** The media type of the answer. */
  public String type(Map<String, ?> request) {
    return isCsv(new Asked(request)) ? CSV + "; charset=utf-8" : "application/json";
  }

  /**
   * What became of the requests of a period.
   *
   * @param request has {@code from} and {@code to}, both days of the period, and may have {@code
   *     payer}, and {@code include=members} for members' ids, too, which are PHI and leave an event
   *     in each audit trail
   * @throws OpsRefusal 400 naming what is missing or makes no sense
   */
  public InputStream show(Map<String, ?> request) {
    Asked asked = new Asked(request);
    LocalDate from = asked.day("from");
    LocalDate to = asked.day("to");
    if (to.isBefore(from)) {
      throw new OpsRefusal(400, "to is before from");
    }
    String include = asked.text("include");
    if (include != null && !include.equals("members")) {
      throw new OpsRefusal(400, "include is not members");
    }
    return report.of(
        new Report.Wanted(
            from,
            to,
            filters.payer(asked),
            isCsv(asked),
            include == null ? null : Operations.actor(asked)));
  }

  private static boolean isCsv(Asked asked) {
    String accepted = asked.text(ACCEPT);
    return accepted != null && accepted.toLowerCase(Locale.ROOT).contains(CSV);
  }
}
