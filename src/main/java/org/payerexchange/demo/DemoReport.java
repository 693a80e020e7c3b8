package org.payerexchange.demo;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.payerexchange.sandbox.ExportedJob;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.RequestLog;
import org.payerexchange.sandbox.Sandbox;

/** The table at the end of the demo, and where everything is. */
final class DemoReport {
  private static final List<String> HEADINGS =
      List.of("sample", "in by", "payer", "expected", "outcome", "files", "resources", "shows");

  private final PrintWriter out;

  DemoReport(PrintWriter out) {
    this.out = out;
  }

  void table(List<DemoResult> results) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEADINGS);
    DemoSample.rows(results.stream().map(DemoResult::sample).toList())
        .forEach(
            row ->
                rows.add(
                    row(results.stream().filter(each -> row.contains(each.sample())).toList())));
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder("  ");
      for (int column = 0; column < row.size(); column++) {
        String cell = row.get(column);
        String gap = " ".repeat(width(rows, column) - cell.length());
        boolean isNumber = column == 5 || column == 6;
        line.append(isNumber ? gap + cell : cell + gap).append("  ");
      }
      out.println(line.toString().stripTrailing());
    }
    out.println();
  }

  void totals(List<DemoResult> results, Sandbox sandbox, Duration took) {
    // A sample that is sent twice is one transfer, whose files count once.
    List<DemoResult> transfers =
        results.stream()
            .collect(
                Collectors.toMap(
                    result -> result.sample().place(), result -> result, (first, second) -> first))
            .values()
            .stream()
            .toList();
    out.printf(
        Locale.ROOT,
        "  %d of %d samples ended as expected, with %d files, %d resources, %,d bytes, in %.1f s.%n",
        results.stream().filter(DemoResult::isExpected).count(),
        results.size(),
        transfers.stream().mapToInt(DemoResult::files).sum(),
        transfers.stream().mapToLong(DemoResult::resources).sum(),
        transfers.stream().mapToLong(DemoResult::bytes).sum(),
        took.toMillis() / 1000.0);
    if (results.stream().allMatch(DemoResult::isExpected)) {
      out.println(
          "  The files are byte for byte what the gateway had to serve; those of members who shared");
      out.println(
          "  an export, or whose Patient was read in pages, hold line by line what it has of each.");
    }
    out.println("  The gateway counted " + gateway(sandbox) + ".");
    sandbox.requests().unexpected().forEach(request -> out.println("  UNEXPECTED " + request));
    out.println();
  }

  void folders(Map<String, Path> folders) {
    folders.forEach((what, where) -> out.printf("  %-10s %s%n", what, where));
    out.flush();
  }

  /** Of one sample, or of several that are alike. */
  private static List<String> row(List<DemoResult> results) {
    DemoSample sample = results.get(0).sample();
    String count = results.size() == 1 ? "" : " (%d)".formatted(results.size());
    return List.of(
        sample.name() + count,
        sample.way().name().toLowerCase(Locale.ROOT),
        sample.payer(),
        sample.expected().name(),
        results.stream()
            .map(result -> result.actual() == null ? "MISSING" : result.actual().name())
            .distinct()
            .collect(Collectors.joining(", ")),
        Integer.toString(results.stream().mapToInt(DemoResult::files).sum()),
        Long.toString(results.stream().mapToLong(DemoResult::resources).sum()),
        results.stream()
            .filter(result -> !result.isExpected())
            .map(result -> "NOT AS EXPECTED: " + result.problem())
            .findFirst()
            .orElse(sample.shows()));
  }

  private static String gateway(Sandbox sandbox) {
    RequestLog log = sandbox.requests();
    long released = sandbox.jobs().stream().filter(ExportedJob::released).count();
    return """
        %d tokens, %d matches, %d of many members, %d kick-offs, %d polls, %d pages, %d file requests; \
        %d exports were released"""
        .formatted(
            log.received(RequestKind.TOKEN),
            log.received(RequestKind.MATCH),
            log.received(RequestKind.BULK_MATCH),
            log.received(RequestKind.KICK_OFF),
            log.received(RequestKind.STATUS),
            // the first of $everything is counted with other data
            log.received(RequestKind.DATA) + log.received(RequestKind.PAGE),
            log.received(RequestKind.FILE),
            released);
  }

  private static int width(List<List<String>> rows, int column) {
    return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
  }
}
