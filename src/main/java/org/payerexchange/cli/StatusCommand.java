package org.payerexchange.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.payerexchange.ledger.TransferState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    try (Desk desk = location.desk()) {
      JsonNode answer = transfer == null ? listed(desk) : shown(desk);
      if (json) {
        out.println(answer.toPrettyString());
      } else if (transfer == null) {
        if (filter.asked().isEmpty()) {
          out.println(counts(desk));
        }
        Tables.held(answer, out);
        Tables.batches(answer, out);
        Tables.transfers(answer, page, out);
        if (!filter.asked().isEmpty() && !isNoBatch(answer) && answer.path("transfers").isEmpty()) {
          out.println(page > 0 ? "no more such transfers" : "no such transfers");
        }
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
    Map<String, String> asked = new HashMap<>(filter.asked());
    asked.put("page", String.valueOf(page));
    return desk.list(asked);
  }

  private static String counts(Desk desk) throws Exception {
    StringBuilder line = new StringBuilder();
    for (TransferState state : TransferState.values()) {
      long total = desk.list(Map.of("status", state.name(), "size", "1")).path("total").asLong();
      if (total > 0) {
        line.append(line.isEmpty() ? "" : "  ").append(state).append(' ').append(total);
      }
    }
    return line.isEmpty() ? "no transfers yet" : line.toString();
  }
}
