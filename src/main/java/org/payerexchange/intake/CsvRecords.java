package org.payerexchange.intake;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PushbackInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.payerexchange.intake.RecordReader.RecordSource;

/**
 * CSV as RFC 4180 has it and as spreadsheets write it: a quoted cell may hold separators and line
 * ends, a row may have empty cells beyond the header. A row that only makes sense with the lines
 * behind it and still is no row is given up alone.
 */
final class CsvRecords implements RecordSource {
  /** How many bytes may be read once more, all told, for rows that are none after all. */
  private static final int READ_AGAIN_AT_MOST = 16 * 1024 * 1024;

  private final PushbackInputStream in;
  private final CsvHeader header;
  private final byte[] head;
  private final int max;
  private boolean started;
  private boolean ended;
  private boolean open;
  private long readAgain;

  /**
   * Reads rows.
   *
   * @param in stands behind the header
   */
  CsvRecords(PushbackInputStream in, CsvHeader header, int maxRecordBytes) {
    this.in = in;
    this.header = header;
    this.head = (header.line() + "\n").getBytes(StandardCharsets.UTF_8);
    this.max = maxRecordBytes;
  }

  @Override
  public RawRecord next(long number) throws IOException {
    if (!started) {
      started = true;
      if (header.repeatsAField()) {
        ended = true;
        return broken(number, new byte[0], "has a header that names one field twice");
      }
    }
    while (!ended) {
      byte[] row = readRow();
      ended = row.length == 0;
      Optional<RawRecord> record = ended ? Optional.empty() : record(number, row);
      if (record.isPresent()) {
        return record.map(found -> open ? found.atOpenEnd() : found).get();
      }
    }
    return number > 1
        ? null
        : broken(number, new byte[0], "is missing: there is a header, but no row under it")
            .atOpenEnd()
            .cut();
  }

  /** The row's record, or nothing if the row is blank. */
  private Optional<RawRecord> record(long number, byte[] row) throws IOException {
    Optional<String> text = row.length > max ? Optional.empty() : Utf8.decode(row);
    Optional<ObjectNode> content = text.flatMap(header::record);
    boolean saysNothing = content.isEmpty() || content.get().isEmpty();
    if (saysNothing && text.filter(header::isBlank).isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        content.isPresent()
            ? RawRecord.readable(number, RecordForm.CSV, withHeader(row), content.get())
            : firstLineAlone(number, row));
  }

  private RawRecord firstLineAlone(long number, byte[] row) throws IOException {
    int end = Lines.end(row, 0);
    int next = Lines.next(row, end);
    if (next < row.length) {
      in.unread(row, next, row.length - next);
      readAgain += row.length - next;
    } else if (end == row.length && row.length > max) {
      skipLine();
      return broken(number, row, "is longer than %s bytes".formatted(max));
    }
    byte[] line = Arrays.copyOf(row, end);
    return broken(
        number, line, Utf8.problem(line, "does not fit the header, or has a wrong quote"));
  }

  /**
   * A row with its line end; longer than a record may be if it did not end before. Where quotes
   * have led astray too often, each line is a row.
   */
  private byte[] readRow() throws IOException {
    ByteArrayOutputStream row = new ByteArrayOutputStream(256);
    boolean quoted = false;
    boolean cellBegins = true;
    boolean takesQuotes = readAgain <= READ_AGAIN_AT_MOST;
    while (row.size() <= max) {
      int unit = in.read();
      if (unit < 0) {
        open = true;
        break;
      }
      row.write(unit);
      if (quoted) {
        // A doubled quote closes and opens again, which comes to the same.
        quoted = unit != '"';
        cellBegins = !quoted;
      } else if (Lines.isEnd(unit)) {
        lineFeedAfter(unit, row);
        break;
      } else if (unit == '"' && cellBegins && takesQuotes) {
        quoted = true;
      } else {
        cellBegins = unit == header.separator() || (cellBegins && Utf8.isSpace(unit));
      }
    }
    return row.toByteArray();
  }

  private void lineFeedAfter(int unit, ByteArrayOutputStream row) throws IOException {
    int next = unit == '\r' ? in.read() : -1;
    if (next == '\n') {
      row.write(next);
    } else if (next >= 0) {
      in.unread(next);
    }
  }

  private void skipLine() throws IOException {
    int unit = in.read();
    while (unit >= 0 && !Lines.isEnd(unit)) {
      unit = in.read();
    }
  }

  private byte[] withHeader(byte[] row) {
    byte[] both = Arrays.copyOf(head, head.length + row.length);
    System.arraycopy(row, 0, both, head.length, row.length);
    return both;
  }

  private RawRecord broken(long number, byte[] row, String why) {
    return RawRecord.unreadable(number, RecordForm.CSV, withHeader(row), why);
  }
}
