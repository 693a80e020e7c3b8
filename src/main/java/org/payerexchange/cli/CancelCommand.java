package org.payerexchange.cli;

import org.payerexchange.ledger.store.OperatorAction;
import picocli.CommandLine.Command;

/** {@code cancel}: open transfers are given up. */
@Command(
    name = "cancel",
    description = "Gives open transfers up, and their exports at the payers.",
    mixinStandardHelpOptions = true)
final class CancelCommand extends ActionCommand {
  CancelCommand() {
    super(OperatorAction.CANCEL, "cancelled");
  }
}
