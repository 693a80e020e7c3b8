package org.payerexchange.report;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;

/** How many requests of each payer came to what, and how many are overdue. */
final class ReportCounts {
  private final Map<Outcome, Long> outcomes =
      new TreeMap<>(
          Comparator.comparing(Outcome::payer)
              .thenComparing(Outcome::state)
              .thenComparing(Outcome::reason, Comparator.nullsFirst(Comparator.naturalOrder())));

  private final Map<Late, Long> overdue =
      new TreeMap<>(Comparator.comparing(Late::payer).thenComparing(Late::overdue));

  void add(ReportLine line) {
    outcomes.merge(new Outcome(line.payer(), line.state(), line.reason()), 1L, Long::sum);
    line.overdue().forEach(late -> overdue.merge(new Late(line.payer(), late), 1L, Long::sum));
  }

  List<OutcomeCount> outcomes() {
    return outcomes.entrySet().stream()
        .map(
            count ->
                new OutcomeCount(
                    count.getKey().payer(),
                    count.getKey().state(),
                    count.getKey().reason(),
                    count.getValue()))
        .toList();
  }

  List<OverdueCount> overdue() {
    return overdue.entrySet().stream()
        .map(
            count ->
                new OverdueCount(
                    count.getKey().payer(), count.getKey().overdue(), count.getValue()))
        .toList();
  }

  private record Outcome(String payer, TransferState state, FailureReason reason) {}

  private record Late(String payer, Overdue overdue) {}

  /** So many requests of a payer are, or ended, so. */
  record OutcomeCount(String payer, TransferState state, FailureReason reason, long requests) {}

  /** So many requests of a payer are overdue in this way. */
  record OverdueCount(String payer, Overdue overdue, long requests) {}
}
