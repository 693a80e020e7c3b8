package org.payerexchange.auth;

import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a token endpoint wants beside what the standards have, such as an {@code audience} or a key
 * of its gateway. Values may be secrets.
 *
 * @param parameters further fields of the form, by name
 * @param headers further headers, by name
 */
public record TokenExtras(Map<String, String> parameters, Map<String, String> headers) {
  /** Nothing. */
  public static final TokenExtras NONE = new TokenExtras(Map.of(), Map.of());

  /** What a request has of itself, by one way to show who we are or another. */
  private static final Set<String> OURS =
      Set.of(
          "grant_type",
          "scope",
          "client_id",
          "client_secret",
          "client_assertion",
          "client_assertion_type");

  /**
   * Keeps copies.
   *
   * @throws IllegalArgumentException naming a field that a request has of itself
   */
  public TokenExtras {
    for (String name : parameters.keySet()) {
      if (OURS.contains(name.toLowerCase(Locale.ROOT))) {
        throw new IllegalArgumentException("the field %s is not to be set".formatted(name));
      }
    }
    parameters = Collections.unmodifiableMap(new TreeMap<>(parameters));
    headers = Collections.unmodifiableMap(new TreeMap<>(headers));
  }

  /** Not the values. */
  @Override
  public String toString() {
    return "TokenExtras[%s, %s]".formatted(parameters.keySet(), headers.keySet());
  }
}
