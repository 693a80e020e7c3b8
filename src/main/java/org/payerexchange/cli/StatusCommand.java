package org.payerexchange.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code status}: the ledger as seen, in a table or as JSON. */
@Command(
    name = "status",
    description = "Shows how transfers stand: the latest ones, or all about one.",
    mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
  @Mixin private Location location;
  @Mixin private FilterOptions filter;
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "TRANSFER",
      description = "Show this transfer with its jobs, files, deliveries and audit trail.")
  private String transfer;

  @Option(names = "--json", description = "Print JSON, as the ops API answers it.")
  private boolean json;

  @Option(
      names = "--page",
      paramLabel = "N",
      description =
          "The N-th 50 transfers, or of TRANSFER the N-th 200 each of its files and so on, from 0 (the default).")
  private int page;

  @Option(
      names = "--counts",
      description = "Print no more than how many transfers are in which state.")
  private boolean counts;

  @Option(
      names = "--recurring",
      description =
          "Show requests that are asked again and again, those that are due first in front; of --payer, or with --request-id.")
  private boolean recurring;

  @Option(
      names = "--watch",
      arity = "0..1",
      paramLabel = "TIME",
      fallbackValue = "2s",
      preprocessor = Period.Attached.class,
      converter = Period.class,
      description =
          "Print it again every 2s, or as often as --watch=TIME says, until Ctrl-C; where the ledger is away, go on once it is back.")
  private Duration period;

  private final Clock clock = Clock.systemUTC();

  @Override
  public Integer call() throws Exception {
    if (recurring
        && (counts
            || transfer != null
            || !Set.of("payer", "requestId").containsAll(filter.asked().keySet()))) {
      throw new ParameterException(
          spec.commandLine(), "--recurring goes with --payer, --request-id, --page and --json");
    }
    if (counts && transfer != null) {
      throw new ParameterException(spec.commandLine(), "--counts is for many: no TRANSFER");
    }
    PrintWriter out = spec.commandLine().getOut();
    if (period != null) {
      return new Watch(location, period, out).show(this::printWithTime);
    }
    try (Desk desk = location.desk()) {
      return print(desk, out);
    }
  }

  private int printWithTime(Desk desk, PrintWriter out) throws Exception {
    if (!json) {
      out.println(clock.instant().truncatedTo(ChronoUnit.SECONDS));
    }
    return print(desk, out);
  }

  private int print(Desk desk, PrintWriter out) throws Exception {
    if (recurring) {
      JsonNode found = desk.recurring(withPage());
      if (json) {
        out.println(found.toPrettyString());
      } else {
        Tables.recurring(found, page, out);
      }
      return 0;
    }
    if (counts) {
      StateCounts found = StateCounts.of(desk, filter.asked());
      out.println(json ? found.json().toPrettyString() : found.line());
      return 0;
    }
    JsonNode answer = transfer == null ? listed(desk) : shown(desk);
    if (json) {
      out.println(answer.toPrettyString());
    } else if (transfer == null) {
      if (!isNoBatch(answer)) {
        out.println(StateCounts.of(desk, filter.asked()).line());
      }
      Tables.held(answer, out);
      Tables.batches(answer, out);
      Tables.transfers(answer, page, out);
    } else {
      Tables.held(answer, out);
      Tables.transfer(answer, page, out);
    }
    if (isNoBatch(answer)) {
      spec.commandLine()
          .getErr()
          .println("there is no such batch, or none of its members any more");
      return 1;
    }
    return 0;
  }

  /** Of every batch that is kept there is a member. */
  private boolean isNoBatch(JsonNode answer) {
    return transfer == null
        && page == 0
        && filter.asked().keySet().equals(Set.of("batch"))
        && answer.path("transfers").isEmpty();
  }

  private JsonNode shown(Desk desk) throws Exception {
    JsonNode shown = desk.show(transfer);
    if (page > 0 && shown instanceof ObjectNode object) {
      for (String part : Tables.PARTS) {
        object.set(part, desk.part(transfer, part, page).path(part));
      }
    }
    return shown;
  }

  private JsonNode listed(Desk desk) throws Exception {
    return desk.list(withPage());
  }

  private Map<String, String> withPage() {
    Map<String, String> asked = new HashMap<>(filter.asked());
    asked.put("page", String.valueOf(page));
    return asked;
  }
}
