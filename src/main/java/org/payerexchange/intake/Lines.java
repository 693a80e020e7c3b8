package org.payerexchange.intake;

/** Lines as any system ends them: with LF, CR LF, CR alone, or CR CR LF. */
final class Lines {
  private Lines() {}

  static boolean isEnd(int unit) {
    return unit == '\n' || unit == '\r';
  }

  /** Where the line that {@code at} stands in begins, not before {@code from}. */
  static int begin(byte[] bytes, int from, int at) {
    int begin = at;
    while (begin > from && !isEnd(bytes[begin - 1])) {
      begin--;
    }
    return begin;
  }

  /** The same as {@link #end}, but for line ends within quotes. */
  static int endOutsideQuotes(byte[] bytes, int from) {
    int end = from;
    boolean quoted = false;
    while (end < bytes.length && (quoted || !isEnd(bytes[end]))) {
      quoted ^= bytes[end] == '"';
      end++;
    }
    return end;
  }

  /** Where the line that {@code from} stands in ends (exclusive, without its end). */
  static int end(byte[] bytes, int from) {
    int end = from;
    while (end < bytes.length && !isEnd(bytes[end])) {
      end++;
    }
    return end;
  }

  /** Where the next line that holds anything begins, behind a line's end. */
  static int next(byte[] bytes, int end) {
    int next = end;
    while (next < bytes.length && isEnd(bytes[next])) {
      next++;
    }
    return next;
  }
}
