package org.payerexchange.runtime;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code run}: the bundle, until SIGTERM or SIGINT. */
@Command(
    name = "run",
    description = "Runs the bundle until it is told to stop.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  @Mixin private Location location;

  @Override
  public Integer call() throws Exception {
    PayerExchange bundle = PayerExchange.start(location.setup());
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(bundle), "stop"));
    new CountDownLatch(1).await();
    return 0;
  }

  /** Halts, since a JVM that ends by a signal would report the signal, not the clean stop. */
  private static void end(PayerExchange bundle) {
    int code = 1;
    try {
      bundle.close();
      code = 0;
    } finally {
      Runtime.getRuntime().halt(code);
    }
  }
}
