package org.payerexchange.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code recurring}: changes or stops a request that is asked again and again. */
@Command(
    name = "recurring",
    description = "Changes or stops a request that is asked again and again (status --recurring).",
    mixinStandardHelpOptions = true)
final class RecurringCommand implements Callable<Integer> {
  @Mixin private Location location;
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "RECURRENCE", description = "Its id.")
  private String id;

  @Option(
      names = "--every",
      paramLabel = "PERIOD",
      description = "From now on after such a period: P90D, P3M.")
  private String every;

  @Option(
      names = "--until",
      paramLabel = "DAY",
      description = "Until this day (UTC), and no longer than the consent.")
  private String until;

  @Option(names = "--stop", description = "Never again.")
  private boolean stop;

  @Override
  public Integer call() throws Exception {
    if (stop == (every != null || until != null)) {
      throw new ParameterException(
          spec.commandLine(), "Give --every or --until or both, or else --stop");
    }
    Map<String, String> change = new TreeMap<>();
    if (every != null) {
      change.put("every", every);
    }
    if (until != null) {
      change.put("until", until);
    }
    try (Desk desk = location.desk()) {
      JsonNode now = stop ? desk.stopRecurring(id) : desk.changeRecurring(id, change);
      spec.commandLine()
          .getOut()
          .printf(
              "%s %s%s%n",
              now.path("id").asText(),
              now.path("state").asText(),
              now.hasNonNull("nextAt") ? ", next " + now.path("nextAt").asText() : "");
    }
    return 0;
  }
}
