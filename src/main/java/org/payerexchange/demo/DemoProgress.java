package org.payerexchange.demo;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.payerexchange.ledger.TransferState;

/**
 * Shows in the terminal how the samples get on: one line for each step, and what is still open
 * where lines can be rewritten.
 */
final class DemoProgress {
  private static final String CLEAR_LINE = "\r\033[K";

  private final PrintWriter out;
  private final boolean rewritable;
  private final Map<String, TransferState> shown = new HashMap<>();

  DemoProgress(PrintWriter out, boolean rewritable) {
    this.out = out;
    this.rewritable = rewritable;
  }

  /** Shows what has changed. */
  void show(Duration sinceStart, List<DemoSample> samples, Map<DemoSample, TransferState> states) {
    if (rewritable) {
      out.print(CLEAR_LINE);
    }
    for (List<DemoSample> row : DemoSample.rows(samples)) {
      Set<TransferState> all =
          row.stream()
              .map(sample -> states.getOrDefault(sample, TransferState.RECEIVED))
              .collect(Collectors.toSet());
      DemoSample sample = row.get(0);
      TransferState state = all.iterator().next();
      if (all.size() == 1
          && state != TransferState.RECEIVED
          && state != shown.put(sample.name(), state)) {
        out.printf(
            Locale.ROOT,
            "%6.1f s  %-8s  %-18s %s%n",
            sinceStart.toMillis() / 1000.0,
            sample.payer(),
            sample.name(),
            row.size() == 1 ? state : "%s, all %d".formatted(state, row.size()));
      }
    }
    if (rewritable) {
      out.printf(
          Locale.ROOT, "%6.1f s  %s", sinceStart.toMillis() / 1000.0, counts(samples, states));
    }
    out.flush();
  }

  /** Leaves the terminal as lines. */
  void end() {
    if (rewritable) {
      out.print(CLEAR_LINE);
    }
    out.println();
  }

  private static String counts(List<DemoSample> samples, Map<DemoSample, TransferState> states) {
    String counts =
        states.values().stream()
            .collect(
                Collectors.groupingBy(
                    state -> state, java.util.TreeMap::new, Collectors.counting()))
            .entrySet()
            .stream()
            .map(entry -> entry.getValue() + " " + entry.getKey())
            .collect(Collectors.joining(", "));
    int open = samples.size() - states.size();
    return open == 0 ? counts : "%d on their way in, %s".formatted(open, counts);
  }
}
