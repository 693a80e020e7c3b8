package org.payerexchange.payer;

import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Headers that a payer wants with each request, such as a version of its own or a key of its
 * gateway.
 *
 * @param values by name; may be secrets
 */
public record ExtraHeaders(Map<String, String> values) {
  /** None. */
  public static final ExtraHeaders NONE = new ExtraHeaders(Map.of());

  /** {@code Name: value}, visible ASCII and blanks within. */
  private static final Pattern HEADER =
      Pattern.compile(
          "\\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)\\s*:\\s*([\\x21-\\x7E]([\\x20-\\x7E]*[\\x21-\\x7E])?)\\s*");

  /** What a request has of itself, and what is about its connection. */
  private static final Set<String> OURS =
      Set.of(
          "accept",
          "accept-encoding",
          "authorization",
          "cache-control",
          "connection",
          "content-encoding",
          "content-length",
          "content-type",
          "date",
          "expect",
          "host",
          "if-range",
          "keep-alive",
          "pragma",
          "proxy-authorization",
          "range",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "via",
          "warning");

  /** Headers of Camel and of this bundle, which stay at home. */
  private static final Pattern INTERNAL =
      Pattern.compile("(camel|org\\.apache|p2p|payer-?exchange).*");

  /** Keeps a copy. */
  public ExtraHeaders {
    Map<String, String> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    copy.putAll(values);
    values = Collections.unmodifiableMap(copy);
  }

  /**
   * Reads a setting: {@code Name: value; Name2: value}.
   *
   * @throws IllegalArgumentException saying what is wrong, without a value
   */
  public static ExtraHeaders of(String text) {
    Map<String, String> headers = read(text);
    for (String name : headers.keySet()) {
      String lower = name.toLowerCase(Locale.ROOT);
      if (OURS.contains(lower) || INTERNAL.matcher(lower).matches()) {
        throw new IllegalArgumentException("the header %s is not to be set".formatted(name));
      }
    }
    return new ExtraHeaders(headers);
  }

  /**
   * Reads the same of any names.
   *
   * @throws IllegalArgumentException saying what is wrong, without a value
   */
  public static Map<String, String> read(String text) {
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String each : text.split(";", -1)) {
      if (each.isBlank()) {
        continue;
      }
      Matcher header = HEADER.matcher(each);
      if (!header.matches()) {
        throw new IllegalArgumentException("must be like 'Name: value; Name2: value'");
      }
      if (headers.put(header.group(1), header.group(2)) != null) {
        throw new IllegalArgumentException("has %s twice".formatted(header.group(1)));
      }
    }
    return headers;
  }

  /** Not the values. */
  @Override
  public String toString() {
    return "ExtraHeaders" + values.keySet();
  }
}
