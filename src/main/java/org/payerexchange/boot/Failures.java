package org.payerexchange.boot;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.file.FileSystemException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.payerexchange.step.TransferException;

/** Says in one line why a command failed: the innermost cause, and the key to look at. */
public final class Failures {
  /** H2's error code for a database file that another process has open. */
  private static final int DATABASE_IN_USE = 90020;

  private Failures() {}

  public static String inOneLine(Throwable failure) {
    List<Throwable> chain = chain(failure);
    Throwable root = chain.get(chain.size() - 1);
    if (isDatabaseInUse(failure)) {
      return "p2p.database.url: another process has this H2 database open";
    }
    if (chain.stream().anyMatch(SQLException.class::isInstance)) {
      return "p2p.database.url: " + words(root);
    }
    return words(root instanceof JsonProcessingException ? ours(chain).orElse(root) : root);
  }

  /**
   * Our own words for an answer that cannot be read, of which Jackson quotes what may be a token.
   */
  private static Optional<Throwable> ours(List<Throwable> chain) {
    return chain.stream().filter(TransferException.class::isInstance).findFirst();
  }

  public static boolean isDatabaseInUse(Throwable failure) {
    return chain(failure).stream()
        .anyMatch(
            cause -> cause instanceof SQLException sql && sql.getErrorCode() == DATABASE_IN_USE);
  }

  private static List<Throwable> chain(Throwable failure) {
    List<Throwable> chain = new ArrayList<>();
    for (Throwable next = failure; next != null && !chain.contains(next); next = next.getCause()) {
      chain.add(next);
    }
    return chain;
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
