package org.payerexchange.intake;

import java.util.Set;

/**
 * What nobody sees at the ends of a text: every blank of Unicode, those without width as well.
 * Spreadsheets and web pages put them there.
 */
final class Blanks {
  /** Letters and symbols by their category, but drawn as nothing. */
  private static final Set<Integer> DRAWN_AS_NOTHING = Set.of(0x115F, 0x1160, 0x2800, 0x3164);

  private Blanks() {}

  /** The text without blanks at its ends. */
  static String strip(String text) {
    int begin = 0;
    while (begin < text.length() && isBlank(text.codePointAt(begin))) {
      begin += Character.charCount(text.codePointAt(begin));
    }
    int end = text.length();
    while (end > begin && isBlank(text.codePointBefore(end))) {
      end -= Character.charCount(text.codePointBefore(end));
    }
    return text.substring(begin, end);
  }

  private static boolean isBlank(int unit) {
    if (unit > ' ' && unit < 0x80) {
      return false;
    }
    return Character.isWhitespace(unit)
        || Character.isSpaceChar(unit)
        || Character.getType(unit) == Character.FORMAT
        || DRAWN_AS_NOTHING.contains(unit);
  }
}
