package org.payerexchange.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code forget}: removes what ledger and folders hold of a member. */
@Command(
    name = "forget",
    description =
        "Removes what ledger and folders hold of a request's member, for good; the audit trail stays.",
    mixinStandardHelpOptions = true)
final class ForgetCommand implements Callable<Integer> {
  @Mixin private Location location;
  @Spec private CommandSpec spec;

  @Option(names = "--payer", required = true, paramLabel = "PAYER", description = "Its payer.")
  private String payer;

  @Option(
      names = "--request-id",
      required = true,
      paramLabel = "ID",
      description = "What its sender called it.")
  private String requestId;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    try (Desk desk = location.desk()) {
      JsonNode done = desk.forget(Map.of("payer", payer, "requestId", requestId));
      out.printf(
          "forgot %d transfers and %d recurring requests; out of reach are:%n",
          done.path("transfers").asInt(), done.path("recurrences").asInt());
      done.path("left").forEach(left -> out.println("  " + left.asText()));
    }
    return 0;
  }
}
