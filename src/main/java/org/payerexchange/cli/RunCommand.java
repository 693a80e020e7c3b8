package org.payerexchange.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.payerexchange.boot.PayerExchange;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code run}: the bundle, until SIGTERM or SIGINT. */
@Command(
    name = "run",
    description = "Runs the bundle until it is told to stop.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  private static final int SECONDS_TO_START = 20;

  /** For connections and threads, beyond what work in flight may take to finish. */
  private static final Duration TO_CLOSE = Duration.ofSeconds(10);

  @Mixin private Location location;

  @Override
  public Integer call() throws Exception {
    CompletableFuture<PayerExchange> started = new CompletableFuture<>();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(started), "stop"));
    try {
      started.complete(PayerExchange.start(location.setup()));
    } catch (Exception | Error e) {
      started.completeExceptionally(e);
      throw e;
    }
    new CountDownLatch(1).await();
    return 0;
  }

  /**
   * Halts, since a JVM that ends by a signal would report the signal, not the clean stop. A signal
   * that comes during the start waits for its end: steps may have begun already. What does not stop
   * in time, such as a thread that waits for a disk, is not waited for: its lease runs out.
   */
  private static void end(CompletableFuture<PayerExchange> started) {
    PayerExchange bundle;
    try {
      bundle = started.get(SECONDS_TO_START, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException | InterruptedException nothingToStop) {
      return;
    }
    FutureTask<Void> close = new FutureTask<>(bundle::close, null);
    new Thread(close, "close").start();
    int code = 1;
    try {
      close.get(bundle.shutdownTimeout().plus(TO_CLOSE).toMillis(), TimeUnit.MILLISECONDS);
      code = 0;
    } catch (ExecutionException | TimeoutException | InterruptedException notInOrder) {
      // the code says so
    } finally {
      Runtime.getRuntime().halt(code);
    }
  }
}
