package org.payerexchange.intake;

import java.util.BitSet;

/** Follows brackets and strings of JSON, byte by byte, to find where a value ends. */
final class JsonScan {
  enum Scanned {
    WITHIN,
    COMPLETE,
    /** A line ends inside a string, or brackets do not pair: this is not JSON any more. */
    BROKEN
  }

  private static final int MAX_DEPTH = 200;

  private final BitSet arrays = new BitSet();
  private int depth;
  private boolean inString;
  private boolean escaped;

  Scanned next(int unit) {
    if (inString) {
      return string(unit);
    }
    switch (unit) {
      case '"' -> inString = true;
      case '{', '[' -> arrays.set(depth++, unit == '[');
      case '}', ']' -> {
        if (depth == 0 || arrays.get(--depth) != (unit == ']')) {
          return Scanned.BROKEN;
        }
      }
      default -> {}
    }
    if (depth > MAX_DEPTH) {
      return Scanned.BROKEN;
    }
    return depth == 0 && !inString ? Scanned.COMPLETE : Scanned.WITHIN;
  }

  private Scanned string(int unit) {
    if (unit == '\n') {
      return Scanned.BROKEN;
    }
    if (escaped) {
      escaped = false;
    } else if (unit == '\\') {
      escaped = true;
    } else if (unit == '"') {
      inString = false;
    }
    return Scanned.WITHIN;
  }
}
