package org.payerexchange.dialect;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * An id of a payer's answer as one segment of a URL path (RFC 3986, section 3.3), so that it can
 * never lead anywhere else.
 */
public final class PathSegment {
  /** What could end the segment, or be taken for its end by a server that decodes twice. */
  private static final Pattern ID = Pattern.compile("[\\x21-\\x7E&&[^/\\\\?#%]]{1,128}");

  private static final String UNRESERVED = "-._~";

  private PathSegment() {}

  /** Whether an id can be a segment: 1 to 128 visible ASCII characters, and no way out. */
  public static boolean isSafe(String id) {
    return id != null && ID.matcher(id).matches() && !id.equals(".") && !id.equals("..");
  }

  /**
   * The id, percent-encoded.
   *
   * @throws IllegalArgumentException if it is not {@linkplain #isSafe safe}
   */
  public static String encoded(String id) {
    if (!isSafe(id)) {
      throw new IllegalArgumentException("not an id that can stand in a URL");
    }
    StringBuilder segment = new StringBuilder(id.length());
    for (byte b : id.getBytes(StandardCharsets.US_ASCII)) {
      char c = (char) b;
      if (Character.isLetterOrDigit(c) || UNRESERVED.indexOf(c) >= 0) {
        segment.append(c);
      } else {
        segment.append("%%%02X".formatted((int) b));
      }
    }
    return segment.toString();
  }
}
