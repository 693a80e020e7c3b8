package org.payerexchange.download;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.split.LineType;

/**
 * Checks one line of NDJSON in place: a complete JSON object (RFC 8259, UTF-8) whose top-level
 * {@code resourceType} is the announced one, or any where the file holds all types, and that has
 * neither it nor its {@code id} twice. No tree, no token and no string is built, which is what lets
 * every byte of a download be checked at nearly the speed of the disk. Not thread-safe.
 *
 * <p>The caller guarantees that a line feed stands behind the line and that {@link #SLACK} more
 * bytes may be read behind that; a line feed is valid nowhere inside a line, so that no step needs
 * to look for the end.
 */
final class ResourceScanner {
  /**
   * Bytes behind the line feed that must exist, whatever they hold: strings are skipped eight bytes
   * at a time.
   */
  static final int SLACK = 8;

  private static final int MAX_DEPTH = 512;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long QUOTES = '"' * ONES;
  private static final long BACKSLASHES = '\\' * ONES;
  private static final long SPACES = ' ' * ONES;
  private static final byte[] KEY = quoted("resourceType");
  private static final byte[] HEADER = quoted(LineType.HEADER);
  private static final byte[] ID = quoted("id");

  private static final int BAD = -1;

  private static final int LONGEST_TYPE = 64;

  private final byte[] expectedType;
  private final boolean allTypes;
  private byte[] line;
  private boolean typeSeen;
  private boolean otherType;
  private boolean header;
  private boolean idSeen;
  private boolean ambiguous;
  private int end;

  ResourceScanner(String resourceType) {
    this.allTypes = resourceType.equals(FileKind.ALL_TYPES);
    this.expectedType = quoted(resourceType);
  }

  /** With the quote that ends it. */
  private static byte[] quoted(String text) {
    return (text + '"').getBytes(StandardCharsets.US_ASCII);
  }

  /** What a line turned out to be. */
  enum Verdict {
    BLANK,
    RESOURCE,
    /** Tells whose the lines behind it are (FHIR Bulk Data Access 3, {@code organizeOutputBy}). */
    HEADER,
    OTHER_TYPE,
    NO_TYPE,
    /** Has its resourceType or id twice or in escapes, so that two readers may read two things. */
    AMBIGUOUS,
    MALFORMED
  }

  /**
   * The position behind the line feed of the line checked last; only set for a line that is no
   * MALFORMED one.
   */
  int end() {
    return end;
  }

  /** Checks the line that starts at a position. */
  Verdict check(byte[] bytes, int start) {
    line = bytes;
    typeSeen = false;
    otherType = false;
    header = false;
    idSeen = false;
    ambiguous = false;
    int at = blanks(start);
    byte first = bytes[at];
    if (first == '\n') {
      end = at + 1;
      return Verdict.BLANK;
    }
    if (first != '{') {
      return Verdict.MALFORMED;
    }
    at = object(at + 1, 1);
    if (at == BAD) {
      return Verdict.MALFORMED;
    }
    at = blanks(at);
    if (bytes[at] != '\n') {
      return Verdict.MALFORMED;
    }
    end = at + 1;
    if (otherType) {
      return Verdict.OTHER_TYPE;
    }
    if (ambiguous) {
      return Verdict.AMBIGUOUS;
    }
    if (header) {
      return Verdict.HEADER;
    }
    return typeSeen ? Verdict.RESOURCE : Verdict.NO_TYPE;
  }

  private int object(int start, int depth) {
    final byte[] b = line;
    int at = start;
    if (b[at] <= ' ') {
      at = blanks(at);
    }
    if (b[at] == '}') {
      return at + 1;
    }
    while (true) {
      if (b[at] != '"') {
        return BAD;
      }
      int key = at + 1;
      at = string(b, key);
      if (at == BAD) {
        return BAD;
      }
      boolean type = depth == 1 && isType(b, key, at);
      if (b[at] <= ' ') {
        at = blanks(at);
      }
      if (b[at] != ':') {
        return BAD;
      }
      at++;
      if (b[at] <= ' ') {
        at = blanks(at);
      }
      if (type) {
        compareType(b, at);
      }
      at = value(b, at, depth);
      if (at == BAD) {
        return BAD;
      }
      if (b[at] <= ' ') {
        at = blanks(at);
      }
      byte next = b[at++];
      if (next == '}') {
        return at;
      }
      if (next != ',') {
        return BAD;
      }
      if (b[at] <= ' ') {
        at = blanks(at);
      }
    }
  }

  private int array(int start, int depth) {
    final byte[] b = line;
    int at = start;
    if (b[at] <= ' ') {
      at = blanks(at);
    }
    if (b[at] == ']') {
      return at + 1;
    }
    while (true) {
      at = value(b, at, depth);
      if (at == BAD) {
        return BAD;
      }
      if (b[at] <= ' ') {
        at = blanks(at);
      }
      byte next = b[at++];
      if (next == ']') {
        return at;
      }
      if (next != ',') {
        return BAD;
      }
      if (b[at] <= ' ') {
        at = blanks(at);
      }
    }
  }

  private int value(byte[] b, int at, int depth) {
    return switch (b[at]) {
      case '"' -> string(b, at + 1);
      case '{' -> depth == MAX_DEPTH ? BAD : object(at + 1, depth + 1);
      case '[' -> depth == MAX_DEPTH ? BAD : array(at + 1, depth + 1);
      case 't' -> b[at + 1] == 'r' && b[at + 2] == 'u' && b[at + 3] == 'e' ? at + 4 : BAD;
      case 'f' -> isFalse(b, at) ? at + 5 : BAD;
      case 'n' -> b[at + 1] == 'u' && b[at + 2] == 'l' && b[at + 3] == 'l' ? at + 4 : BAD;
      default -> number(b, at);
    };
  }

  private static boolean isFalse(byte[] b, int at) {
    return b[at + 1] == 'a' && b[at + 2] == 'l' && b[at + 3] == 's' && b[at + 4] == 'e';
  }

  private static int string(byte[] b, int start) {
    int at = start;
    while (true) {
      long word = (long) LONGS.get(b, at);
      long quote = word ^ QUOTES;
      long backslash = word ^ BACKSLASHES;
      long special =
          (((quote - ONES) & ~quote) | ((backslash - ONES) & ~backslash) | (word - SPACES) | word)
              & HIGH_BITS;
      if (special == 0) {
        at += 8;
        continue;
      }
      at += Long.numberOfTrailingZeros(special) >>> 3;
      byte found = b[at];
      if (found == '"') {
        return at + 1;
      }
      if (found == '\\') {
        at = escape(b, at + 1);
      } else if (found < 0) {
        at = multibyte(b, at);
      } else {
        return BAD;
      }
      if (at == BAD) {
        return BAD;
      }
    }
  }

  private static int escape(byte[] b, int at) {
    return switch (b[at]) {
      case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> at + 1;
      case 'u' ->
          isHex(b[at + 1]) && isHex(b[at + 2]) && isHex(b[at + 3]) && isHex(b[at + 4])
              ? at + 5
              : BAD;
      default -> BAD;
    };
  }

  private static boolean isHex(byte c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  }

  private static int multibyte(byte[] b, int at) {
    int first = b[at] & 0xff;
    int second = b[at + 1] & 0xff;
    if (first < 0xc2 || first > 0xf4) {
      return BAD;
    }
    if (first < 0xe0) {
      return isContinuation(second) ? at + 2 : BAD;
    }
    if (first < 0xf0) {
      int low = first == 0xe0 ? 0xa0 : 0x80;
      int high = first == 0xed ? 0x9f : 0xbf;
      return second >= low && second <= high && isContinuation(b[at + 2]) ? at + 3 : BAD;
    }
    int low = first == 0xf0 ? 0x90 : 0x80;
    int high = first == 0xf4 ? 0x8f : 0xbf;
    return second >= low && second <= high && isContinuation(b[at + 2]) && isContinuation(b[at + 3])
        ? at + 4
        : BAD;
  }

  private static boolean isContinuation(int value) {
    return (value & 0xc0) == 0x80;
  }

  private static int number(byte[] b, int start) {
    int at = b[start] == '-' ? start + 1 : start;
    if (b[at] == '0') {
      at++;
    } else {
      int first = at;
      at = digits(b, at);
      if (at == first) {
        return BAD;
      }
    }
    if (b[at] == '.') {
      int first = at + 1;
      at = digits(b, first);
      if (at == first) {
        return BAD;
      }
    }
    if ((b[at] | 0x20) == 'e') {
      at++;
      if (b[at] == '+' || b[at] == '-') {
        at++;
      }
      int first = at;
      at = digits(b, first);
      if (at == first) {
        return BAD;
      }
    }
    return at;
  }

  private static int digits(byte[] b, int start) {
    int at = start;
    while (b[at] >= '0' && b[at] <= '9') {
      at++;
    }
    return at;
  }

  private int blanks(int start) {
    int at = start;
    while (line[at] == ' ' || line[at] == '\t' || line[at] == '\r') {
      at++;
    }
    return at;
  }

  /** Whether a top-level key is the resource's type; notes what is not to be trusted. */
  private boolean isType(byte[] b, int key, int end) {
    byte first = b[key];
    if (first != 'r' && first != 'i' && first != '\\') {
      return false;
    }
    if (spells(b, key, end, ID)) {
      ambiguous |= idSeen || end - key != ID.length;
      idSeen = true;
      return false;
    }
    if (!spells(b, key, end, KEY)) {
      return false;
    }
    ambiguous |= typeSeen || end - key != KEY.length;
    return true;
  }

  /** Whether a valid string is this one, its letters escaped or not. */
  private static boolean spells(byte[] b, int start, int end, byte[] name) {
    int at = start;
    for (byte letter : name) {
      if (b[at] == letter) {
        at++;
      } else if (b[at] == '\\' && b[at + 1] == 'u' && unescaped(b, at + 2) == letter) {
        at += 6;
      } else {
        return false;
      }
    }
    return at == end;
  }

  private static int unescaped(byte[] b, int at) {
    int code = 0;
    for (int i = at; i < at + 4; i++) {
      code = code << 4 | Character.digit(b[i], 16);
    }
    return code;
  }

  private void compareType(byte[] b, int at) {
    typeSeen = true;
    if (b[at] != '"') {
      otherType = true;
      return;
    }
    if (allTypes) {
      otherType |= !isName(b, at + 1);
      header = startsWith(b, at + 1, HEADER);
    } else {
      otherType |= !startsWith(b, at + 1, expectedType);
    }
  }

  private static boolean startsWith(byte[] b, int at, byte[] expected) {
    for (int i = 0; i < expected.length; i++) {
      if (b[at + i] != expected[i]) {
        return false;
      }
    }
    return true;
  }

  /** Files are named by it. */
  private static boolean isName(byte[] b, int start) {
    int at = start;
    while (isLetter(b[at]) && at < start + LONGEST_TYPE) {
      at++;
    }
    return b[at] == '"' && b[start] >= 'A' && b[start] <= 'Z';
  }

  private static boolean isLetter(byte c) {
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
  }
}
