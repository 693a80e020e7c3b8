package org.payerexchange.cli;

import org.payerexchange.ledger.store.OperatorAction;
import picocli.CommandLine.Command;

/** {@code retry}: failed transfers go on from the step that failed. */
@Command(
    name = "retry",
    description = "Sends failed transfers on from the step that failed; what was done is kept.",
    mixinStandardHelpOptions = true)
final class RetryCommand extends ActionCommand {
  RetryCommand() {
    super(OperatorAction.RETRY, "retried");
  }
}
