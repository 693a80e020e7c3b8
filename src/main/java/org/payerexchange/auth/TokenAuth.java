package org.payerexchange.auth;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How a client shows a token endpoint who it is. */
public enum TokenAuth {
  /** Id and secret are fields of the form (RFC 6749, section 2.3.1). */
  CLIENT_SECRET_POST,
  /** Id and secret go by HTTP Basic (RFC 6749, section 2.3.1). */
  CLIENT_SECRET_BASIC,
  /** An assertion that the client signs with its own key (RFC 7523; SMART Backend Services). */
  PRIVATE_KEY_JWT,
  /** The client's certificate, by mutual TLS (RFC 8705, section 2.1). */
  TLS_CLIENT_AUTH,
  /** The first that the peer's {@link SmartConfiguration} and the credentials both allow. */
  AUTO;

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
