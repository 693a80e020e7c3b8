package org.payerexchange.sandbox;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of a file that a Range header asks for (RFC 9110, section 14.2, one range with a start).
 *
 * @param from the first byte
 * @param to the byte after the last
 */
record ByteRange(long from, long to) {
  private static final Pattern FORM = Pattern.compile("bytes=(\\d{1,18})-(\\d{1,18})?");

  /** Empty: the range cannot be had of a file of this length. */
  static Optional<ByteRange> parse(String header, long length) {
    Matcher matcher = FORM.matcher(header.strip());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long from = Long.parseLong(matcher.group(1));
    long to =
        matcher.group(2) == null ? length : Math.min(length, Long.parseLong(matcher.group(2)) + 1);
    return from < to ? Optional.of(new ByteRange(from, to)) : Optional.empty();
  }
}
