package org.payerexchange.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cancel}: an open transfer is given up. */
@Command(
    name = "cancel",
    description = "Gives an open transfer up, and its export at the payer.",
    mixinStandardHelpOptions = true)
final class CancelCommand implements Callable<Integer> {
  @Mixin private Location location;
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "TRANSFER", description = "The transfer to give up.")
  private String transfer;

  @Override
  public Integer call() throws Exception {
    try (Desk desk = location.desk()) {
      desk.cancel(transfer);
      spec.commandLine().getOut().println("cancelled " + transfer);
    }
    return 0;
  }
}
