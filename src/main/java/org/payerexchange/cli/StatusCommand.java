package org.payerexchange.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Map;
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
  private static final String ENDED_BADLY = "FAILED,NO_MATCH";

  @Mixin private Location location;
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "TRANSFER",
      description = "Show this transfer with its jobs, files, deliveries and audit trail.")
  private String transfer;

  @Option(names = "--failed", description = "Only transfers that are FAILED or NO_MATCH.")
  private boolean failed;

  @Option(
      names = "--source",
      paramLabel = "FILE",
      description = "Only transfers from this intake file.")
  private String source;

  @Option(
      names = "--batch",
      paramLabel = "BATCH",
      description = "Only transfers of this batch of members.")
  private String batch;

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
      JsonNode answer = transfer == null ? desk.list(filters()) : shown(desk);
      if (json) {
        out.println(answer.toPrettyString());
      } else if (transfer == null) {
        if (!failed && source == null && batch == null) {
          out.println(counts(desk));
        }
        Tables.held(answer, out);
        Tables.batches(answer, out);
        Tables.transfers(answer, page, out);
        if ((failed || source != null) && answer.path("transfers").isEmpty()) {
          out.println(page > 0 ? "no more such transfers" : "no such transfers");
        }
      } else {
        Tables.held(answer, out);
        Tables.transfer(answer, page, out);
      }
      return isNoBatch(answer) ? 1 : 0;
    }
  }

  /** Of every batch that is kept there is a member. */
  private boolean isNoBatch(JsonNode answer) {
    boolean none =
        transfer == null
            && batch != null
            && page == 0
            && !failed
            && source == null
            && answer.path("transfers").isEmpty();
    if (none) {
      spec.commandLine()
          .getErr()
          .println("there is no such batch, or none of its members any more");
    }
    return none;
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

  private Map<String, String> filters() {
    Map<String, String> filters = new HashMap<>(Map.of("page", String.valueOf(page)));
    if (failed) {
      filters.put("status", ENDED_BADLY);
    }
    if (source != null) {
      filters.put("source", source);
    }
    if (batch != null) {
      filters.put("batch", batch);
    }
    return filters;
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
