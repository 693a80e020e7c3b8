package org.payerexchange.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.payerexchange.boot.Failures;

/** Prints something again and again, until it is told to stop or the ledger stays away. */
final class Watch {
  /** System property, set by the start script: what is printed is seen on a terminal. */
  private static final String TERMINAL = "payer-exchange.terminal";

  private static final String CLEAR = "\033[H\033[2J\033[3J";
  private static final Duration LONGEST_AWAY = Duration.ofMinutes(10);
  private static final Duration LONGEST_LOOK = Duration.ofSeconds(10);

  private final Location location;
  private final Duration period;
  private final PrintWriter out;
  private final Clock clock = Clock.systemUTC();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private Desk desk;

  /** What is looked at. */
  interface Look {
    /** Prints it once; the exit code. */
    int print(Desk desk, PrintWriter out) throws Exception;
  }

  Watch(Location location, Duration period, PrintWriter out) {
    this.location = location;
    this.period = period;
    this.out = out;
  }

  /**
   * Prints it until the JVM is told to end, or the ledger has been away for ten minutes.
   *
   * @return the exit code of the first look, if that is not 0
   * @throws Exception what the first look failed for, or the last one
   */
  int show(Look look) throws Exception {
    Thread end = new Thread(this::end, "stop");
    if (location.ownProcess()) {
      Runtime.getRuntime().addShutdownHook(end);
    }
    try {
      int code = once(look);
      return code == 0 ? goOn(look) : code;
    } finally {
      close();
      stopped.countDown();
      if (stop.getCount() > 0 && location.ownProcess()) {
        Runtime.getRuntime().removeShutdownHook(end);
      }
    }
  }

  private int goOn(Look look) throws Exception {
    Instant away = null;
    // whoever took what is printed may have gone: head, for example
    while (!out.checkError() && !stop.await(period.toMillis(), TimeUnit.MILLISECONDS)) {
      try {
        once(look);
        away = null;
      } catch (Exception e) {
        close();
        if (stop.getCount() == 0) {
          return 0;
        }
        if (away == null) {
          away = clock.instant();
          tell(
              "%s the ledger is away, and asked again: %s".formatted(now(), Failures.inOneLine(e)));
        } else if (away.plus(LONGEST_AWAY).isBefore(clock.instant())) {
          throw e;
        }
      }
    }
    return 0;
  }

  /** All of a look is printed at once, or nothing of it. */
  private int once(Look look) throws Exception {
    if (desk == null) {
      desk = location.desk();
    }
    StringWriter text = new StringWriter();
    int code = look.print(desk, new PrintWriter(text));
    if (desk.keepsOthersOut()) {
      close();
    }
    tell((Boolean.getBoolean(TERMINAL) ? CLEAR : "") + text.toString().stripTrailing());
    return code;
  }

  private void tell(String text) {
    out.println(text);
    out.flush();
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS);
  }

  private void close() throws Exception {
    if (desk != null) {
      desk.close();
      desk = null;
    }
  }

  /** Halts, since a JVM that ends by a signal would report the signal, not the clean stop. */
  private void end() {
    stop.countDown();
    try {
      stopped.await(LONGEST_LOOK.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(0);
  }
}
