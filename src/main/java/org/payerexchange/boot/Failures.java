package org.payerexchange.boot;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.file.FileSystemException;
import java.sql.SQLException;
import org.payerexchange.ledger.BrokenOff;
import org.payerexchange.step.Causes;
import org.payerexchange.step.TransferException;

/** Says in one line why a command failed: the innermost cause, and the key to look at. */
public final class Failures {
  /** H2's error code for a database file that another process has open. */
  private static final int DATABASE_IN_USE = 90020;

  /** H2's error code for a database file that is not there and is not to be made. */
  private static final int DATABASE_MISSING = 90146;

  private Failures() {}

  /** The message of the innermost cause, or what stands for it; and what was done before. */
  public static String inOneLine(Throwable failure) {
    String why = ofTheCause(failure);
    return Causes.find(failure, BrokenOff.class)
        .map(broken -> why + "; " + broken.getMessage())
        .orElse(why);
  }

  private static String ofTheCause(Throwable failure) {
    if (isDatabaseInUse(failure)) {
      return "p2p.database.url: another process has this H2 database open";
    }
    Throwable root = Causes.innermost(failure);
    if (Causes.find(failure, SQLException.class).isPresent()) {
      return "p2p.database.url: " + words(root);
    }
    // our own words for an answer that cannot be read, of which Jackson quotes what may be a token
    return words(
        root instanceof JsonProcessingException
            ? Causes.find(failure, TransferException.class).map(Throwable.class::cast).orElse(root)
            : root);
  }

  /** Whether another process has the H2 file. */
  public static boolean isDatabaseInUse(Throwable failure) {
    return isOfH2(failure, DATABASE_IN_USE);
  }

  /** Whether there is no H2 file. */
  public static boolean isDatabaseMissing(Throwable failure) {
    return isOfH2(failure, DATABASE_MISSING);
  }

  private static boolean isOfH2(Throwable failure, int code) {
    return Causes.chain(failure).stream()
        .anyMatch(cause -> cause instanceof SQLException sql && sql.getErrorCode() == code);
  }

  private static String words(Throwable cause) {
    if (cause instanceof FileSystemException file && file.getReason() == null) {
      return "%s cannot be used (%s)".formatted(file.getFile(), file.getClass().getSimpleName());
    }
    String message = cause.getMessage();
    return message == null || message.isBlank()
        ? cause.getClass().getSimpleName()
        : message.lines().findFirst().orElseThrow();
  }
}
