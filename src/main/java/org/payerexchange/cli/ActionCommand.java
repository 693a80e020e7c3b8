package org.payerexchange.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import org.payerexchange.ledger.store.OperatorAction;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What is done to one transfer, or to all that filters let through. */
abstract class ActionCommand implements Callable<Integer> {
  private final OperatorAction action;
  private final String done;

  @Mixin private Location location;
  @Mixin private FilterOptions filter;
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "TRANSFER",
      description = "This one; or, with the options, all that they let through.")
  private String transfer;

  @Option(names = "--all", description = "All transfers, whatever they are.")
  private boolean all;

  @Option(names = "--dry-run", description = "Change nothing, and tell what would be done.")
  private boolean dryRun;

  /**
   * Begins.
   *
   * @param action what is done
   * @param done what it will have been, in the past tense
   */
  ActionCommand(OperatorAction action, String done) {
    this.action = action;
    this.done = done;
  }

  @Override
  public Integer call() throws Exception {
    Map<String, String> filters = filter.asked();
    boolean many = all || !filters.isEmpty();
    if (many == (transfer != null) || (dryRun && !many)) {
      throw new ParameterException(
          spec.commandLine(), "Give one TRANSFER, or filters, or --all; --dry-run is for many");
    }
    PrintWriter out = spec.commandLine().getOut();
    try (Desk desk = location.desk()) {
      if (many) {
        print(desk.act(body(filters)), out);
      } else {
        out.println(done + " " + desk.act(action, transfer));
      }
    }
    return 0;
  }

  private ObjectNode body(Map<String, String> filters) {
    ObjectNode body =
        JsonNodeFactory.instance
            .objectNode()
            .put("action", action.word())
            .put("dryRun", dryRun)
            .put("all", all);
    ObjectNode asked = body.putObject("filter");
    filters.forEach(asked::put);
    return body;
  }

  private void print(JsonNode report, PrintWriter out) {
    out.printf(
        "%s%s %d of %d%n",
        dryRun ? "would have " : "",
        done,
        report.path("done").asLong(),
        report.path("matched").asLong());
    report
        .path("refused")
        .properties()
        .forEach(each -> out.printf("  not %d: %s%n", each.getValue().asLong(), each.getKey()));
  }
}
