package org.payerexchange.karaf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.payerexchange.boot.Setup;
import org.payerexchange.cli.Launcher;
import org.payerexchange.cli.Location;
import org.payerexchange.cli.Running;
import org.payerexchange.cli.Subcommand;

/** The shell's commands beside those of the launcher. */
class KarafCommandsTest {
  /** They are for a process of its own and its files; help is of the launcher as a whole. */
  private static final Set<String> NOT_THERE = Set.of("run", "send", "ledger", "prepare", "help");

  @Test
  void whatAnOperatorDoesWithTheLauncherIsDoneInTheShell() throws Exception {
    Set<String> launcher = new TreeSet<>();
    Launcher.commandLine(
            () ->
                new Location(
                    new Running(new Setup(Optional.empty(), Optional.empty()), Optional.empty())))
        .getSubcommands()
        .forEach(
            (name, command) -> {
              if (!(command.getCommand() instanceof Subcommand)) {
                launcher.add(name);
              }
            });
    launcher.removeAll(NOT_THERE);

    assertThat(KarafCommands.FUNCTIONS).containsExactlyInAnyOrderElementsOf(launcher);
    for (String function : KarafCommands.FUNCTIONS) {
      assertThat(KarafCommands.class.getMethod(function, String[].class)).isNotNull();
    }
  }
}
