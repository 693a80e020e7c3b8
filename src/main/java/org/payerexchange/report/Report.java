package org.payerexchange.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Enumeration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.payerexchange.ledger.ReportedRequest;
import org.payerexchange.ledger.store.OperatorLedger;
import org.payerexchange.ledger.store.RequestQueries;
import org.payerexchange.ledger.store.TransferFilter;

/**
 * What became of the requests of a period, as a text of any length: a page of them is read from the
 * ledger whenever the one before has been taken away.
 */
public final class Report {
  private final RequestQueries requests;
  private final OperatorLedger operators;
  private final Clock clock;
  private final BusinessDays days;

  /**
   * Of this ledger.
   *
   * @param clock tells what is overdue by now
   * @param zone in which a moment has its day: {@code p2p.report.zone}
   */
  public Report(RequestQueries requests, OperatorLedger operators, Clock clock, ZoneId zone) {
    this.requests = requests;
    this.operators = operators;
    this.clock = clock;
    this.days = new BusinessDays(zone);
  }

  /**
   * What is asked for.
   *
   * @param from the first day of the period
   * @param to its last one
   * @param payer only this one's requests, or null
   * @param asCsv a row a request, or else JSON
   * @param membersFor who is to see members' ids as well, which are PHI: each transfer of which
   *     they are told has an event that says so; or null
   */
  public record Wanted(
      LocalDate from, LocalDate to, String payer, boolean asCsv, String membersFor) {}

  /** The report; its first page has been read. */
  public InputStream of(Wanted wanted) {
    return new SequenceInputStream(new Pages(wanted));
  }

  /** As the only stream that takes its parts as they are wanted has them. */
  @SuppressWarnings("JdkObsolete")
  private final class Pages implements Enumeration<InputStream> {
    private final Wanted wanted;
    private final TransferFilter filter;
    private final ReportForm form;
    private final ReportCounts counts = new ReportCounts();
    private final Instant now = clock.instant();
    private Optional<String> next;
    private Optional<ReportedRequest> last = Optional.empty();
    private boolean isOver;

    Pages(Wanted wanted) {
      this.wanted = wanted;
      this.filter =
          new TransferFilter(
              Set.of(),
              wanted.payer(),
              Set.of(),
              null,
              null,
              null,
              null,
              begin(wanted.from()),
              begin(wanted.to().plusDays(1)));
      this.form =
          wanted.asCsv()
              ? new CsvForm(wanted.membersFor() != null)
              : new JsonForm(wanted.from(), wanted.to(), days.zone());
      this.next = Optional.of(form.head() + page());
    }

    private Instant begin(LocalDate day) {
      return day.atStartOfDay(days.zone()).toInstant();
    }

    @Override
    public boolean hasMoreElements() {
      if (next.isEmpty() && !isOver) {
        next = Optional.of(page());
      }
      return next.isPresent();
    }

    @Override
    public InputStream nextElement() {
      String page = next.orElseThrow();
      next = Optional.empty();
      return new ByteArrayInputStream(page.getBytes(UTF_8));
    }

    private String page() {
      List<ReportedRequest> page = requests.page(filter, last);
      StringBuilder text = new StringBuilder();
      for (ReportedRequest request : page) {
        ReportLine line = ReportLine.of(request, days, now, member(request));
        counts.add(line);
        text.append(form.line(line));
        last = Optional.of(request);
      }
      isOver = page.size() < RequestQueries.PAGE;
      return isOver ? text + form.tail(counts) : text.toString();
    }

    private String member(ReportedRequest request) {
      return wanted.membersFor() == null || !request.requestIsKept()
          ? null
          : operators.showRequest(request.id(), wanted.membersFor()).map(Members::id).orElse(null);
    }
  }
}
