package org.payerexchange.payer;

import java.util.Optional;

/**
 * The text of a reference to a resource by type and id (FHIR R4, References): {@code Patient/1},
 * with a version, a part or a slash behind it or not. All that follow references read them by this,
 * so that one text names one resource everywhere.
 *
 * @param prefix what stands before the type, with its slash; mostly empty
 * @param type the resource's
 * @param id the resource's, as it stands there
 * @param whole whether it names the resource itself, and no version or part of it
 */
public record LiteralReference(String prefix, String type, String id, boolean whole) {
  private static final int LONGEST_TYPE = 64;
  private static final String HISTORY = "/_history";

  /**
   * Reads one.
   *
   * @param text without blanks around
   * @return empty if it is none, or may be read in two ways
   */
  public static Optional<LiteralReference> of(String text) {
    int part = text.indexOf('#');
    String named = withoutSlash(part < 0 ? text : text.substring(0, part));
    int history = history(named);
    String current = history < 0 ? named : withoutVersion(named, history);
    int slash = current.lastIndexOf('/');
    if (slash < 0 || current.indexOf('?') >= 0) {
      return Optional.empty();
    }
    int before = current.lastIndexOf('/', slash - 1) + 1;
    String type = current.substring(before, slash);
    String id = current.substring(slash + 1);
    return isType(type) && isId(id)
        ? Optional.of(
            new LiteralReference(current.substring(0, before), type, id, part < 0 && history < 0))
        : Optional.empty();
  }

  private static String withoutSlash(String text) {
    return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
  }

  /** Where the first segment {@code _history} begins; negative if there is none. */
  private static int history(String named) {
    int at = named.indexOf(HISTORY);
    while (at >= 0
        && at + HISTORY.length() < named.length()
        && named.charAt(at + HISTORY.length()) != '/') {
      at = named.indexOf(HISTORY, at + 1);
    }
    return at;
  }

  /** Empty if there is more behind it than a version. */
  private static String withoutVersion(String named, int history) {
    boolean isLast = named.indexOf('/', history + HISTORY.length() + 1) < 0;
    return isLast ? named.substring(0, history) : "";
  }

  /** Whether a text has the form of a resource type. */
  public static boolean isType(String text) {
    return text.length() > 1
        && text.length() <= LONGEST_TYPE
        && isCapital(text.charAt(0))
        && text.chars().allMatch(c -> isCapital(c) || (c >= 'a' && c <= 'z'));
  }

  private static boolean isCapital(int c) {
    return c >= 'A' && c <= 'Z';
  }

  private static boolean isId(String text) {
    return !text.isEmpty()
        && text.charAt(0) != '_'
        && text.charAt(0) != '$'
        && text.chars().noneMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c));
  }

  /** Without blanks around, those of Unicode as well. */
  public static String trimmed(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isBlank(text.charAt(start))) {
      start++;
    }
    while (end > start && isBlank(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  private static boolean isBlank(char c) {
    return c <= ' '
        || Character.isSpaceChar(c)
        || Character.isWhitespace(c)
        || c == '\u200B'
        || c == '\uFEFF';
  }

  /** The type: an id may be PHI. */
  @Override
  public String toString() {
    return "LiteralReference[%s]".formatted(type);
  }
}
