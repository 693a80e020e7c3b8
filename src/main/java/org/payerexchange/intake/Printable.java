package org.payerexchange.intake;

/**
 * Names that others chose, made safe to be printed in a log, on a page or a terminal, and to be
 * part of a file name: of what would not show, or would change how the rest shows, a backslash, a
 * {@code u} and its number is left.
 */
public final class Printable {
  private static final int UNREADABLE = 0xFFFD;

  private Printable() {}

  /** The text with every control, format and line separator character escaped. */
  public static String text(String text) {
    if (text.codePoints().noneMatch(Printable::isHidden)) {
      return text;
    }
    StringBuilder printable = new StringBuilder();
    text.codePoints()
        .forEach(
            point -> {
              if (isHidden(point)) {
                printable.append("\\u%04X".formatted(point));
              } else {
                printable.appendCodePoint(point);
              }
            });
    return printable.toString();
  }

  private static boolean isHidden(int point) {
    return point == UNREADABLE
        || switch (Character.getType(point)) {
          case Character.CONTROL,
              Character.FORMAT,
              Character.LINE_SEPARATOR,
              Character.PARAGRAPH_SEPARATOR,
              Character.SURROGATE,
              Character.PRIVATE_USE,
              Character.UNASSIGNED ->
              true;
          default -> false;
        };
  }
}
