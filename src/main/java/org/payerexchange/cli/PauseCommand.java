package org.payerexchange.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code pause}: nothing is begun any more at a payer or a sink. */
@Command(
    name = "pause",
    description = "Begins nothing any more at a payer or a sink, on any node, until resume.",
    mixinStandardHelpOptions = true)
class PauseCommand implements Callable<Integer> {
  @Mixin private Location location;
  @Spec private CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private Whom whom;

  @Option(names = "--dry-run", description = "Change nothing, and tell what would be done.")
  private boolean dryRun;

  /** One payer, or one sink. */
  static final class Whom {
    @Option(names = "--payer", paramLabel = "PAYER", description = "This payer.")
    private String payer;

    @Option(names = "--sink", paramLabel = "SINK", description = "This sink.")
    private String sink;

    private String kind() {
      return payer == null ? "sink" : "payer";
    }

    private String name() {
      return payer == null ? sink : payer;
    }
  }

  /** {@code resume}: all goes on at a payer or a sink. */
  @Command(
      name = "resume",
      description = "Goes on at a payer or a sink that was paused.",
      mixinStandardHelpOptions = true)
  static final class Resume extends PauseCommand {}

  @Override
  public Integer call() throws Exception {
    ObjectNode body =
        JsonNodeFactory.instance.objectNode().put("action", spec.name()).put("dryRun", dryRun);
    body.putObject("filter").put(whom.kind(), whom.name());
    try (Desk desk = location.desk()) {
      JsonNode report = desk.act(body);
      boolean already = report.path("done").asLong() == 0;
      spec.commandLine()
          .getOut()
          .printf(
              "%s%sd %s %s%s%n",
              dryRun && !already ? "would have " : "",
              spec.name(),
              whom.kind(),
              whom.name(),
              already ? " already" : "");
    }
    return 0;
  }
}
