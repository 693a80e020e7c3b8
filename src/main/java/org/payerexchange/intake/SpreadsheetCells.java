package org.payerexchange.intake;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What cells hold that went through a spreadsheet, or were written for one. */
final class SpreadsheetCells {
  /** Exports write ids so that a spreadsheet keeps their leading zeros. */
  private static final Pattern TEXT_FORMULA = Pattern.compile("=\"([^\"]*)\"");

  /** A long number as it is shown, an error, a value that is wider than its column. */
  private static final Pattern NO_VALUE =
      Pattern.compile(
          "\\d([.,]\\d+)?E\\+\\d{2,3}|#(N/A|REF!|NAME\\?|VALUE!|DIV/0!|NUM!|NULL!)|#{4,}");

  /** What databases and programs write where they have nothing. */
  private static final Pattern NOTHING =
      Pattern.compile("(?i)[(<]?(null|na|nan|none)[)>]?|n/a|nat|undefined|\\\\N");

  private static final String NOTHING_BEGINS = "(<nNuU\\";
  private static final int LONGEST_NOTHING = "undefined".length();

  private SpreadsheetCells() {}

  /** The text of a formula that is nothing but a text; any other cell as it is. */
  static String text(String cell) {
    if (!cell.startsWith("=")) {
      return cell;
    }
    Matcher formula = TEXT_FORMULA.matcher(cell);
    return formula.matches() ? Blanks.strip(formula.group(1)) : cell;
  }

  /** Whether it stands for a value that is lost: two members may share it. */
  static boolean isNoValue(String cell) {
    return (cell.startsWith("#") || cell.indexOf('E') > 0) && NO_VALUE.matcher(cell).matches();
  }

  /** Whether it says that there is no value. People may be named so. */
  static boolean isNothing(String cell) {
    return !cell.isEmpty()
        && cell.length() <= LONGEST_NOTHING
        && NOTHING_BEGINS.indexOf(cell.charAt(0)) >= 0
        && NOTHING.matcher(cell).matches();
  }
}
