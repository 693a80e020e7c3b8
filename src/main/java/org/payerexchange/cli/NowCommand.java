package org.payerexchange.cli;

import picocli.CommandLine.Command;

/** {@code now}: what waits for its next try is tried. */
@Command(
    name = "now",
    description = "Tries at once what failed and waits for its next try.",
    mixinStandardHelpOptions = true)
final class NowCommand extends ActionCommand {
  NowCommand() {
    super("tried");
  }

  @Override
  int one(Desk desk, String id) throws Exception {
    return desk.tryNow(id);
  }
}
