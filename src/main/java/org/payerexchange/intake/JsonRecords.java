package org.payerexchange.intake;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PushbackInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.payerexchange.intake.RecordReader.RecordSource;

/**
 * JSON objects that stand alone, one after the other, one a line or in arrays. Behind a record
 * whose end cannot be told, the next one begins where an object that looks like a record does.
 */
final class JsonRecords implements RecordSource {
  private static final int LOOK_AHEAD = 1 << 16;

  private final PushbackInputStream in;
  private final int max;
  private final Queue<RawRecord> found = new ArrayDeque<>();
  private boolean array;
  private boolean oneALine;

  /** Whether nothing of the line was read: what stands behind something is not looked at as one. */
  private boolean atLineBegin = true;

  private boolean ended;

  JsonRecords(PushbackInputStream in, int maxRecordBytes) {
    this.in = in;
    this.max = maxRecordBytes;
  }

  @Override
  public RawRecord next(long number) throws IOException {
    while (found.isEmpty() && !ended) {
      read();
    }
    if (found.isEmpty() && number == 1) {
      return RawRecord.unreadable(
              number, RecordForm.BROKEN_JSON, new byte[0], "is missing: the JSON holds no object")
          .atOpenEnd()
          .cut();
    }
    return found.isEmpty() ? null : found.remove().numbered(number);
  }

  private void read() throws IOException {
    int unit = nextVisible();
    while (unit == ',') {
      unit = nextVisible();
    }
    if (array && unit == ']') {
      array = false;
      oneALine = false;
    } else if (!array && unit == '[') {
      array = true;
    } else if (unit < 0) {
      ended = true;
      if (array) {
        open(new byte[0], "is not whole: its array has no end");
      }
    } else {
      in.unread(unit);
      if (array || !atLineBegin) {
        value();
      } else if (oneALine) {
        line();
      } else {
        firstLineOrValue();
      }
    }
  }

  /** One object a line, if the first line is a whole object; else an object over many lines. */
  private void firstLineOrValue() throws IOException {
    byte[] line = readLine();
    Optional<ObjectNode> content = JsonObjects.parse(line);
    if (content.isPresent()) {
      oneALine = true;
      readable(line, content.get());
    } else {
      in.unread(line);
      value();
    }
  }

  private void line() throws IOException {
    byte[] line = readLine();
    int next = in.read();
    if (next >= 0) {
      in.unread(next);
    }
    boolean cut = line.length == max && next >= 0 && !Lines.isEnd(next);
    Optional<ObjectNode> content = cut ? Optional.empty() : JsonObjects.parse(line);
    if (content.isPresent()) {
      readable(line, content.get());
    } else if (isJoined(line)) {
      in.unread(line);
      value();
    } else if (cut) {
      skipLine();
      tooLong(line);
    } else if (next < 0) {
      open(line, JsonObjects.problem(line));
    } else {
      broken(line, JsonObjects.problem(line));
    }
  }

  /** Whether something stands behind an object: files were joined, and one has no last line end. */
  private static boolean isJoined(byte[] line) {
    JsonScan scan = new JsonScan();
    int end = 0;
    while (end < line.length && scan.next(line[end]) == JsonScan.Scanned.WITHIN) {
      end++;
    }
    int next = end + 1;
    while (next < line.length
        && (line[next] < 0 || line[next] == ',' || Utf8.isSpace(line[next]))) {
      next++;
    }
    return line[0] == '{' && next < line.length && (line[next] == '{' || line[next] == '[');
  }

  private void value() throws IOException {
    atLineBegin = false;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    JsonScan scan = new JsonScan();
    int unit = in.read();
    if (unit != '{' && unit != '[') {
      in.unread(unit);
      scalar();
      return;
    }
    JsonScan.Scanned state = JsonScan.Scanned.WITHIN;
    while (unit >= 0) {
      bytes.write(unit);
      state = scan.next(unit);
      unit =
          state == JsonScan.Scanned.WITHIN && bytes.size() < Math.min(LOOK_AHEAD, max)
              ? in.read()
              : -1;
    }
    byte[] begin = bytes.toByteArray();
    Optional<ObjectNode> content =
        state == JsonScan.Scanned.COMPLETE ? JsonObjects.parse(begin) : Optional.empty();
    if (content.isPresent()) {
      readable(begin, content.get());
    } else {
      new Recovery(begin, scan, state).run();
    }
  }

  private void scalar() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int unit = in.read();
    while (unit >= 0
        && (bytes.size() == 0 || (unit != ',' && unit != ']' && !Lines.isEnd(unit)))
        && bytes.size() < max) {
      bytes.write(unit);
      unit = in.read();
    }
    if (unit >= 0) {
      in.unread(unit);
    }
    broken(bytes.toByteArray(), "is not a JSON object");
  }

  private int nextVisible() throws IOException {
    int unit = in.read();
    while (Utf8.isSpace(unit) || (unit == 0xEF && isRestOfMark())) {
      atLineBegin |= Lines.isEnd(unit);
      unit = in.read();
    }
    return unit;
  }

  /** Files that were joined have a byte order mark between them. */
  private boolean isRestOfMark() throws IOException {
    byte[] rest = in.readNBytes(2);
    boolean mark = rest.length == 2 && rest[0] == (byte) 0xBB && rest[1] == (byte) 0xBF;
    if (!mark) {
      in.unread(rest);
    }
    return mark;
  }

  /** The line, without its end, cut at the longest record. */
  private byte[] readLine() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(512);
    while (line.size() < max) {
      int unit = in.read();
      if (Lines.isEnd(unit)) {
        in.unread(unit);
      }
      if (unit < 0 || Lines.isEnd(unit)) {
        break;
      }
      line.write(unit);
    }
    return line.toByteArray();
  }

  private void skipLine() throws IOException {
    int unit = in.read();
    while (unit >= 0 && !Lines.isEnd(unit)) {
      unit = in.read();
    }
  }

  private void readable(byte[] original, ObjectNode content) {
    List<ObjectNode> members = MemberBundles.split(content);
    if (members.isEmpty()) {
      found.add(RawRecord.readable(0, FlatForm.formOf(content), original, content));
    }
    members.forEach(
        member ->
            found.add(
                RawRecord.readable(
                    0,
                    RecordForm.PARAMETERS,
                    JsonObjects.write(member).getBytes(StandardCharsets.UTF_8),
                    member)));
  }

  private void broken(byte[] original, String why) {
    found.add(RawRecord.unreadable(0, RecordForm.BROKEN_JSON, original, why));
  }

  private void open(byte[] original, String why) {
    found.add(RawRecord.unreadable(0, RecordForm.BROKEN_JSON, original, why).atOpenEnd());
  }

  private void tooLong(byte[] original) {
    broken(original, "is longer than %s bytes".formatted(max));
  }

  /** A record that is no object, or none so far, and what is found behind its beginning. */
  private final class Recovery {
    /** How often a byte may be parsed, as a part of objects within objects. */
    private static final int TRIALS = 8;

    private final JsonScan scan;
    private final RecordSearch search = new RecordSearch(array);
    private JsonScan.Scanned state;
    private byte[] window;
    private int length;
    private long dropped;
    private int searched;
    private long tried;
    private byte[] original;
    private boolean any;

    Recovery(byte[] begin, JsonScan scan, JsonScan.Scanned state) {
      this.window = begin;
      this.length = begin.length;
      this.scan = scan;
      this.state = state;
    }

    void run() throws IOException {
      int taken = 0;
      while (searched < length) {
        taken = Math.max(taken, search(taken));
      }
      if (any) {
        in.unread(window, taken, length - taken);
      } else if (state == JsonScan.Scanned.COMPLETE) {
        broken(window, JsonObjects.problem(window));
      } else {
        readOn();
      }
    }

    private void readOn() throws IOException {
      for (int unit = in.read(); unit >= 0; unit = in.read()) {
        append(unit);
        if (state == JsonScan.Scanned.WITHIN && original == null) {
          state = scan.next(unit);
          if (state == JsonScan.Scanned.COMPLETE) {
            whole(Arrays.copyOf(window, length));
            return;
          }
        }
        search(0);
        if (any) {
          return;
        }
      }
      ended = true;
      end(length);
    }

    private void whole(byte[] text) {
      JsonObjects.parse(text)
          .ifPresentOrElse(
              content -> readable(text, content), () -> broken(text, JsonObjects.problem(text)));
    }

    /** Takes one more byte of the window; where the record that ends with it ends, or 0. */
    private int search(int from) {
      long begin = search.next(window[searched++]) - dropped;
      if (begin < from || searched - begin > max || tried > TRIALS * (dropped + searched) + max) {
        return 0;
      }
      byte[] object = Arrays.copyOfRange(window, (int) begin, searched);
      tried += object.length;
      Optional<ObjectNode> content = JsonObjects.parse(object).filter(FlatForm::looksLikeARecord);
      if (content.isEmpty()) {
        return 0;
      }
      if (any) {
        between(from, (int) begin);
      } else {
        end((int) begin);
      }
      any = true;
      oneALine = !array && Lines.end(object, 0) == object.length;
      readable(object, content.get());
      return searched;
    }

    private void between(int from, int to) {
      int begin = from;
      while (begin < to && (window[begin] == ',' || Utf8.isSpace(window[begin]))) {
        begin++;
      }
      if (begin < to) {
        unended(Arrays.copyOfRange(window, begin, to));
      }
    }

    /** The first record ends where another one begins, or with the input. */
    private void end(int at) {
      if (original != null || at > max) {
        tooLong(original == null ? Arrays.copyOf(window, max) : original);
      } else if (ended) {
        open(Arrays.copyOf(window, at), "is not a JSON object: its end is missing");
      } else {
        unended(Arrays.copyOf(window, at));
      }
    }

    private void unended(byte[] text) {
      broken(text, Utf8.problem(text, "is not a JSON object: its end is missing"));
    }

    private void append(int unit) {
      if (length == window.length) {
        window = Arrays.copyOf(window, Math.max(2 * length, LOOK_AHEAD));
      }
      window[length++] = (byte) unit;
      if (length > 2 * max) {
        original = original == null ? Arrays.copyOf(window, max) : original;
        int rest = length - max;
        System.arraycopy(window, rest, window, 0, max);
        dropped += rest;
        searched -= rest;
        length = max;
      }
    }
  }
}
