package org.payerexchange.payer;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How a payer's gateway speaks: its paths, its kick-off answer, its idea of a finished job. */
public enum Dialect {
  /** The 1upHealth gateway as its "Payer implementation" page prints it. */
  ONE_UP("1up");

  private final String key;

  Dialect(String key) {
    this.key = key;
  }

  /** The value of {@code p2p.payers.<id>.dialect}. */
  public String key() {
    return key;
  }

  /**
   * Finds the dialect that a configuration names.
   *
   * @param key the value of {@code p2p.payers.<id>.dialect}, in any case
   * @throws IllegalArgumentException if there is no such dialect; the message names those that are
   */
  public static Dialect of(String key) {
    return Arrays.stream(values())
        .filter(dialect -> dialect.key.equals(key.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown dialect '%s', known are: %s".formatted(key, keys())));
  }

  private static String keys() {
    return Arrays.stream(values()).map(Dialect::key).collect(Collectors.joining(", "));
  }
}
