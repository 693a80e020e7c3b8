package org.payerexchange.intake;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PushbackInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.payerexchange.intake.RecordReader.RecordSource;

/**
 * CSV as RFC 4180 has it: rows end with LF or CRLF, a quoted cell may hold separators and line
 * ends. A row that only makes sense with the lines behind it and still is no row is given up alone.
 */
final class CsvRecords implements RecordSource {
  private final PushbackInputStream in;
  private final CsvHeader header;
  private final int max;
  private boolean started;
  private boolean ended;

  CsvRecords(PushbackInputStream in, CsvHeader header, int maxRecordBytes) {
    this.in = in;
    this.header = header;
    this.max = maxRecordBytes;
  }

  @Override
  public RawRecord next(long number) throws IOException {
    if (!started) {
      started = true;
      skipHeader();
      if (header.repeatsAField()) {
        ended = true;
        return broken(number, new byte[0], "has a header that names one field twice");
      }
    }
    while (!ended) {
      byte[] row = readRow();
      ended = row.length == 0;
      if (!isBlank(row)) {
        return record(number, row);
      }
    }
    return null;
  }

  private RawRecord record(long number, byte[] row) throws IOException {
    Optional<RawRecord> record =
        row.length > max
            ? Optional.empty()
            : Utf8.decode(row)
                .flatMap(header::record)
                .map(
                    content ->
                        RawRecord.readable(number, RecordForm.CSV, withHeader(row), content));
    return record.isPresent() ? record.get() : firstLineAlone(number, row);
  }

  private RawRecord firstLineAlone(long number, byte[] row) throws IOException {
    int end = 0;
    while (end < row.length && row[end] != '\n') {
      end++;
    }
    if (end + 1 < row.length) {
      in.unread(row, end + 1, row.length - end - 1);
    } else if (end == row.length && row.length > max) {
      skipLine();
      return broken(number, row, "is longer than %d bytes".formatted(max));
    }
    byte[] line = Arrays.copyOf(row, end);
    return broken(
        number, line, Utf8.problem(line, "does not fit the header, or has a wrong quote"));
  }

  /** A row with its line end; longer than a record may be if it did not end before. */
  private byte[] readRow() throws IOException {
    ByteArrayOutputStream row = new ByteArrayOutputStream(256);
    boolean quoted = false;
    boolean cellBegins = true;
    while (row.size() <= max) {
      int unit = in.read();
      if (unit < 0) {
        break;
      }
      row.write(unit);
      if (quoted) {
        // A doubled quote closes and opens again, which comes to the same.
        quoted = unit != '"';
        cellBegins = !quoted;
      } else if (unit == '\n') {
        break;
      } else if (unit == '"' && cellBegins) {
        quoted = true;
      } else {
        cellBegins = unit == header.separator() || (cellBegins && Utf8.isSpace(unit));
      }
    }
    return row.toByteArray();
  }

  private boolean isBlank(byte[] row) {
    for (byte unit : row) {
      if (unit != header.separator() && unit != '"' && !Utf8.isSpace(unit)) {
        return false;
      }
    }
    return true;
  }

  private void skipHeader() throws IOException {
    int unit = in.read();
    while (Utf8.isSpace(unit)) {
      unit = in.read();
    }
    skipLine();
  }

  private void skipLine() throws IOException {
    int unit = in.read();
    while (unit >= 0 && unit != '\n') {
      unit = in.read();
    }
  }

  private byte[] withHeader(byte[] row) {
    byte[] head = (header.line() + "\n").getBytes(StandardCharsets.UTF_8);
    byte[] both = Arrays.copyOf(head, head.length + row.length);
    System.arraycopy(row, 0, both, head.length, row.length);
    return both;
  }

  private RawRecord broken(long number, byte[] row, String why) {
    return RawRecord.unreadable(number, RecordForm.CSV, withHeader(row), why);
  }
}
