package org.payerexchange.cli;

import org.payerexchange.ledger.store.OperatorAction;
import picocli.CommandLine.Command;

/** {@code now}: what waits for its next try is tried. */
@Command(
    name = "now",
    description = "Tries at once what failed and waits for its next try.",
    mixinStandardHelpOptions = true)
final class NowCommand extends ActionCommand {
  NowCommand() {
    super(OperatorAction.NOW, "tried");
  }
}
