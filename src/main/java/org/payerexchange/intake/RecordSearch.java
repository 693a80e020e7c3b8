package org.payerexchange.intake;

/**
 * Looks in broken JSON for objects that are whole, in one pass: byte by byte, with brackets that
 * are open remembered. Since a quote too few turns inside and outside of strings around, both
 * readings are followed; a line's end is inside of none.
 */
final class RecordSearch {
  private final boolean afterCommas;
  private final Reading[] readings = {new Reading(false), new Reading(true)};
  private long at;
  private int visibleBefore;

  /**
   * A search.
   *
   * @param afterCommas whether a record may begin behind a comma, as in an array, and not only as
   *     the first thing on its line
   */
  RecordSearch(boolean afterCommas) {
    this.afterCommas = afterCommas;
  }

  /**
   * Takes the next byte.
   *
   * @return where the object that ends with it began, counted from the first byte; -1 if none does,
   *     or it began in a place where no record would
   */
  long next(int unit) {
    boolean mayBegin = Lines.isEnd(visibleBefore) || (afterCommas && visibleBefore == ',');
    long found = -1;
    for (Reading reading : readings) {
      found = Math.max(found, reading.next(unit, at, mayBegin));
    }
    if (Lines.isEnd(unit)) {
      readings[0].beginLine();
      readings[1].beginInString();
    }
    if (Lines.isEnd(unit) || !Utf8.isSpace(unit)) {
      visibleBefore = unit;
    }
    at++;
    return found;
  }

  /** The brackets that are open. Of more than are taken the outermost are given up. */
  private static final class Reading {
    private static final int DEEPEST = 128;

    private final long[] begins = new long[DEEPEST];
    private final boolean[] arrays = new boolean[DEEPEST];
    private int last;
    private int depth;
    private boolean inString;
    private boolean escaped;

    Reading(boolean inString) {
      this.inString = inString;
    }

    void beginLine() {
      depth = inString ? 0 : depth;
      inString = false;
      escaped = false;
    }

    void beginInString() {
      depth = 0;
      inString = true;
      escaped = false;
    }

    long next(int unit, long at, boolean mayBegin) {
      if (escaped) {
        escaped = false;
      } else if (unit == '"') {
        inString = !inString;
      } else if (inString) {
        escaped = unit == '\\';
      } else if (unit == '{' || unit == '[') {
        open(unit == '[', mayBegin && unit == '{' ? at : -1);
      } else if (unit == '}' || unit == ']') {
        return close(unit == ']');
      }
      return -1;
    }

    private void open(boolean array, long begin) {
      last = (last + 1) % DEEPEST;
      depth = Math.min(depth + 1, DEEPEST);
      begins[last] = begin;
      arrays[last] = array;
    }

    private long close(boolean array) {
      if (depth == 0 || arrays[last] != array) {
        depth = 0;
        return -1;
      }
      long begin = begins[last];
      last = (last + DEEPEST - 1) % DEEPEST;
      depth--;
      return begin;
    }
  }
}
