package org.payerexchange.auth;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How a client shows a token endpoint who it is (RFC 6749, section 2.3.1). */
public enum TokenAuth {
  /** Id and secret are fields of the form. */
  CLIENT_SECRET_POST,
  /** Id and secret go by HTTP Basic. */
  CLIENT_SECRET_BASIC;

  /** The value of {@code token-auth}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Finds the way that a configuration names.
   *
   * @param key its name in any case
   * @throws IllegalArgumentException if there is no such way; the message names those that are
   */
  public static TokenAuth of(String key) {
    return Arrays.stream(values())
        .filter(way -> way.key().equals(key.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no such way, known are: "
                        + Arrays.stream(values())
                            .map(TokenAuth::key)
                            .collect(Collectors.joining(", "))));
  }
}
