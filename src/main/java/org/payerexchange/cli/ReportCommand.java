package org.payerexchange.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Reader;
import java.time.LocalDate;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.ops.Reporting;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code report}: what became of the requests of a period, for a regulator. */
@Command(
    name = "report",
    description =
        "Shows when the payers were asked, answered and delivered, and what is overdue: in figures, or of every request.",
    mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {
  @Mixin private Location location;
  @Spec private CommandSpec spec;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "DATE",
      description = "Of requests that were received on this day or later.")
  private LocalDate from;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DATE",
      description = "Of requests that were received on this day or before.")
  private LocalDate to;

  @Option(names = "--payer", paramLabel = "PAYER", description = "Only requests to this payer.")
  private String payer;

  @Option(
      names = "--include-members",
      description =
          "Show members' ids as well, which are PHI, while the requests are kept; the audit trail of each says so.")
  private boolean members;

  @ArgGroup private Form form = new Form();

  /** One of them. */
  static final class Form {
    @Option(names = "--csv", description = "Print a row a request.")
    private boolean csv;

    @Option(names = "--json", description = "Print JSON, as the ops API answers it.")
    private boolean json;
  }

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    try (Desk desk = location.desk();
        InputStream report = desk.report(asked())) {
      if (!form.csv && !form.json) {
        printFigures(report, out);
      } else {
        Reader text = new InputStreamReader(report, UTF_8);
        text.transferTo(out);
        out.flush();
      }
    }
    return 0;
  }

  private Map<String, String> asked() {
    Map<String, String> asked = new TreeMap<>();
    asked.put("from", from.toString());
    asked.put("to", to.toString());
    if (payer != null) {
      asked.put("payer", payer);
    }
    if (members) {
      asked.put("include", "members");
    }
    asked.put(Reporting.ACCEPT, form.csv ? "text/csv" : "application/json");
    return asked;
  }

  /** Of the requests those that are overdue, as they come, and behind them what all came to. */
  private static void printFigures(InputStream report, PrintWriter out) throws IOException {
    JsonMapper mapper = JsonLimits.resources(Long.MAX_VALUE).build();
    try (JsonParser parser = mapper.createParser(report)) {
      parser.nextToken();
      boolean none = true;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        if (parser.nextToken() != JsonToken.START_ARRAY) {
          continue;
        }
        while (parser.nextToken() == JsonToken.START_OBJECT) {
          print(name, mapper.readTree(parser), out);
          none = false;
        }
      }
      if (none) {
        out.println("no requests");
      }
    }
  }

  private static void print(String list, JsonNode row, PrintWriter out) {
    switch (list) {
      case "requests" -> {
        if (!row.path("overdue").isEmpty()) {
          Tables.overdue(row, out);
        }
      }
      case "outcomes" ->
          out.printf(
              "%s: %s %s%s%n",
              Tables.text(row, "payer"),
              Tables.text(row, "requests"),
              Tables.text(row, "state"),
              row.has("reason") ? " (%s)".formatted(Tables.text(row, "reason")) : "");
      default ->
          out.printf(
              "%s: %s overdue, %s%n",
              Tables.text(row, "payer"), Tables.text(row, "requests"), Tables.text(row, "overdue"));
    }
  }
}
