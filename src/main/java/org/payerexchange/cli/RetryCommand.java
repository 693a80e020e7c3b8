package org.payerexchange.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code retry}: failed transfers go on from the step that failed. */
@Command(
    name = "retry",
    description = "Sends failed transfers on from the step that failed; what was done is kept.",
    mixinStandardHelpOptions = true)
final class RetryCommand implements Callable<Integer> {
  @Mixin private Location location;
  @Spec private CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private Which which;

  /** One transfer, or those that failed alike. */
  static final class Which {
    @Parameters(index = "0", paramLabel = "TRANSFER", description = "The transfer to retry.")
    private String transfer;

    @ArgGroup(exclusive = false)
    private Alike alike;
  }

  /** What failed at one payer for one reason. */
  static final class Alike {
    @Option(names = "--payer", required = true, description = "All that failed at this payer …")
    private String payer;

    @Option(names = "--reason", required = true, description = "… for this reason.")
    private String reason;
  }

  @Override
  public Integer call() throws Exception {
    try (Desk desk = location.desk()) {
      int count =
          which.transfer == null
              ? desk.retryAll(which.alike.payer, which.alike.reason)
              : desk.retry(which.transfer);
      spec.commandLine().getOut().println("retried " + count);
    }
    return 0;
  }
}
