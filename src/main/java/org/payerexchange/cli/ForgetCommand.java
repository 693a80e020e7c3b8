package org.payerexchange.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
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

  @ArgGroup(multiplicity = "1")
  private Which which;

  private static final class Which {
    @ArgGroup(exclusive = false)
    private Request request;

    @Option(
        names = "--transfer",
        paramLabel = "ID",
        description = "One of its transfers, as where its sender called it nothing.")
    private String transfer;

    Map<String, String> named() {
      return request == null
          ? Map.of("transfer", transfer)
          : Map.of("payer", request.payer, "requestId", request.requestId);
    }
  }

  private static final class Request {
    @Option(names = "--payer", required = true, paramLabel = "PAYER", description = "Its payer.")
    private String payer;

    @Option(
        names = "--request-id",
        required = true,
        paramLabel = "ID",
        description = "What its sender called it.")
    private String requestId;
  }

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    try (Desk desk = location.desk()) {
      JsonNode done = desk.forget(which.named());
      out.printf(
          "forgot %d transfers and %d recurring requests; out of reach are:%n",
          done.path("transfers").asInt(), done.path("recurrences").asInt());
      done.path("left").forEach(left -> out.println("  " + left.asText()));
    }
    return 0;
  }
}
