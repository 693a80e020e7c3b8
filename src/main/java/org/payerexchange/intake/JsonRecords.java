package org.payerexchange.intake;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PushbackInputStream;
import java.util.Arrays;
import java.util.Optional;
import org.payerexchange.intake.RecordReader.RecordSource;

/**
 * JSON objects that stand alone, one after the other, one a line or in an array. Behind a record
 * whose end cannot be told, the next one begins where an object that looks like a record does.
 */
final class JsonRecords implements RecordSource {
  private static final int FIRST_LOOK_AHEAD = 1 << 16;
  private static final int MAX_CANDIDATES = 1000;

  private final PushbackInputStream in;
  private final int max;
  private boolean started;
  private boolean array;
  private boolean oneALine;
  private boolean ended;

  JsonRecords(PushbackInputStream in, int maxRecordBytes) {
    this.in = in;
    this.max = maxRecordBytes;
  }

  @Override
  public RawRecord next(long number) throws IOException {
    if (ended) {
      return null;
    }
    int unit = nextVisible();
    if (!started) {
      started = true;
      if (unit == '[') {
        array = true;
        unit = nextVisible();
      }
    }
    while (array && unit == ',') {
      unit = nextVisible();
    }
    if (array && unit == ']') {
      ended = true;
      int more = nextVisible();
      return more < 0 ? null : broken(number, new byte[] {(byte) more}, "stands behind the end");
    }
    if (unit < 0) {
      ended = true;
      return array ? broken(number, new byte[0], "is not there: the array has no end") : null;
    }
    in.unread(unit);
    if (array) {
      return value(number);
    }
    return oneALine ? line(number) : firstLineOrValue(number);
  }

  /** One object a line, if the first line is a whole object; else an object over many lines. */
  private RawRecord firstLineOrValue(long number) throws IOException {
    byte[] line = readLine();
    Optional<ObjectNode> content = JsonObjects.parse(line);
    if (content.isPresent()) {
      oneALine = true;
      return readable(number, line, content.get());
    }
    in.unread(line);
    return value(number);
  }

  private RawRecord line(long number) throws IOException {
    byte[] line = readLine();
    boolean whole = line.length < max || endOfLine();
    if (!whole) {
      skipLine();
      return tooLong(number, line);
    }
    return JsonObjects.parse(line)
        .map(content -> readable(number, line, content))
        .orElseGet(() -> noObject(number, line));
  }

  private RawRecord value(long number) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    JsonScan scan = new JsonScan();
    int first = in.read();
    bytes.write(first);
    if (first != '{' && first != '[') {
      return scalar(number, bytes);
    }
    JsonScan.State state = scan.next(first);
    int look = FIRST_LOOK_AHEAD;
    while (state == JsonScan.State.WITHIN && bytes.size() <= max) {
      int unit = in.read();
      if (unit < 0) {
        break;
      }
      bytes.write(unit);
      state = scan.next(unit);
      if (bytes.size() == look) {
        // A record that never ends must not cost a whole longest record each time.
        look *= 2;
        if (nextRecord(bytes.toByteArray(), 1) >= 0) {
          break;
        }
      }
    }
    return state == JsonScan.State.COMPLETE
        ? complete(number, bytes.toByteArray())
        : recover(number, bytes.toByteArray());
  }

  private RawRecord complete(long number, byte[] found) throws IOException {
    Optional<ObjectNode> content = JsonObjects.parse(found);
    if (content.isPresent()) {
      return readable(number, found, content.get());
    }
    int within = nextRecord(found, 1);
    if (within < 0) {
      return noObject(number, found);
    }
    in.unread(found, within, found.length - within);
    return unended(number, Arrays.copyOf(found, within), false);
  }

  private RawRecord scalar(long number, ByteArrayOutputStream bytes) throws IOException {
    int unit = in.read();
    while (unit >= 0 && unit != ',' && unit != ']' && unit != '\n' && bytes.size() < max) {
      bytes.write(unit);
      unit = in.read();
    }
    if (unit >= 0) {
      in.unread(unit);
    }
    return broken(number, bytes.toByteArray(), "is not a JSON object");
  }

  private RawRecord recover(long number, byte[] begin) throws IOException {
    byte[] window = begin;
    byte[] original = null;
    int lookAhead = FIRST_LOOK_AHEAD;
    while (true) {
      int at = nextRecord(window, original == null ? 1 : 0);
      if (at >= 0) {
        in.unread(window, at, window.length - at);
        oneALine = !array;
        return unended(
            number, original == null ? Arrays.copyOf(window, at) : original, original != null);
      }
      byte[] more = in.readNBytes(lookAhead);
      if (more.length == 0) {
        ended = true;
        return unended(number, original == null ? window : original, original != null);
      }
      window = join(window, more);
      lookAhead = Math.min(2 * lookAhead, max);
      if (window.length > 2 * max) {
        original = original == null ? Arrays.copyOf(window, max) : original;
        window = Arrays.copyOfRange(window, window.length - max, window.length);
      }
    }
  }

  private RawRecord unended(long number, byte[] original, boolean cut) {
    if (cut || original.length > max) {
      return tooLong(number, Arrays.copyOf(original, max));
    }
    return broken(number, original, "is not a JSON object: its end is missing");
  }

  private int nextRecord(byte[] window, int from) {
    int candidates = 0;
    for (int i = from; i < window.length && candidates < MAX_CANDIDATES; i++) {
      if (window[i] == '{' && mayBegin(window, i)) {
        candidates++;
        int end = JsonScan.end(window, i);
        if (end > 0
            && JsonObjects.parse(Arrays.copyOfRange(window, i, end))
                .filter(FlatForm::looksLikeARecord)
                .isPresent()) {
          return i;
        }
      }
    }
    return -1;
  }

  /** Whether it is the first thing on its line, or in an array follows another element. */
  private boolean mayBegin(byte[] window, int at) {
    int before = at - 1;
    while (before >= 0 && window[before] != '\n' && Utf8.isSpace(window[before])) {
      before--;
    }
    return before < 0 || window[before] == '\n' || (array && window[before] == ',');
  }

  private int nextVisible() throws IOException {
    int unit = in.read();
    while (Utf8.isSpace(unit)) {
      unit = in.read();
    }
    return unit;
  }

  /** The line, without its end, cut at the longest record. */
  private byte[] readLine() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(512);
    while (line.size() < max) {
      int unit = in.read();
      if (unit == '\n') {
        in.unread(unit);
      }
      if (unit < 0 || unit == '\n') {
        break;
      }
      line.write(unit);
    }
    return line.toByteArray();
  }

  private boolean endOfLine() throws IOException {
    int unit = in.read();
    if (unit >= 0) {
      in.unread(unit);
    }
    return unit < 0 || unit == '\n';
  }

  private void skipLine() throws IOException {
    int unit = in.read();
    while (unit >= 0 && unit != '\n') {
      unit = in.read();
    }
  }

  private static byte[] join(byte[] one, byte[] other) {
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  private static RawRecord readable(long number, byte[] original, ObjectNode content) {
    return RawRecord.readable(number, FlatForm.formOf(content), original, content);
  }

  private static RawRecord broken(long number, byte[] original, String why) {
    return RawRecord.unreadable(number, RecordForm.BROKEN_JSON, original, why);
  }

  private static RawRecord noObject(long number, byte[] original) {
    return broken(number, original, Utf8.problem(original, "is not a JSON object"));
  }

  private RawRecord tooLong(long number, byte[] original) {
    return broken(number, original, "is longer than %d bytes".formatted(max));
  }
}
