package org.payerexchange.intake;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Reads records from a file or a message of any size, one after the other, in the memory of a few
 * records. The form is told by the content: one FHIR {@code Parameters} or flat JSON object, many
 * as NDJSON or as a JSON array, or CSV with a header row; UTF-8, with or without a byte order mark.
 *
 * <p>A record that cannot be read comes out as an unreadable record, and reading goes on with the
 * next one wherever its beginning can be told. An input without any record is one unreadable
 * record: nothing disappears silently.
 */
public final class RecordReader {
  private static final String NO_RECORDS =
      "is neither JSON nor CSV with a header of known fields (after at most %s other lines), in UTF-8"
          .formatted(CsvHeader.LINES_BEFORE);

  private static final String NO_TEXT = "is not in UTF-8: send JSON or CSV, saved in UTF-8";

  private final int maxRecordBytes;

  /**
   * A reader.
   *
   * @param maxRecordBytes the longest record that is taken
   */
  public RecordReader(int maxRecordBytes) {
    this.maxRecordBytes = maxRecordBytes;
  }

  /**
   * The records of an input, in batches as they are registered, each read when it is asked for.
   *
   * @param body is read to its end and closed then, or when the iterator is closed; null, as of a
   *     request or a message without a body, is empty
   * @param end is asked whether a last record that may go on behind the end of the body counts;
   *     null where it does
   */
  public RecordBatches batches(InputStream body, InputEnd end) {
    InputStream input = body == null ? InputStream.nullInputStream() : body;
    return new RecordBatches(new RecordIterator(input, end == null ? () -> true : end), input);
  }

  /**
   * The records of an input, each read when it is asked for.
   *
   * @throws UncheckedIOException from the iterator, if reading the input fails
   */
  public Iterator<RawRecord> read(InputStream input) {
    return new RecordIterator(input, () -> true);
  }

  private RecordSource source(RecordInput in) throws IOException {
    byte[] start = in.readNBytes(maxRecordBytes);
    int mark = Utf8.byteOrderMark(start);
    int first = firstVisible(start, mark);
    Optional<String> other = first < 0 ? Optional.of("is empty") : Encodings.other(start);
    if (other.isPresent()) {
      return once(start, other.get());
    }
    Optional<CsvHeader> header =
        start[first] == '{'
            ? Optional.empty()
            : CsvHeader.of(start, Lines.begin(start, mark, first));
    int from = header.map(CsvHeader::end).orElse(mark);
    in.unread(start, from, start.length - from);
    if (header.isPresent()) {
      return new CsvRecords(in, header.get(), maxRecordBytes);
    }
    return start[first] == '{' || start[first] == '['
        ? new JsonRecords(in, maxRecordBytes)
        : once(start, Utf8.decode(start).isPresent() ? NO_RECORDS : NO_TEXT);
  }

  private static int firstVisible(byte[] bytes, int from) {
    for (int i = from; i < bytes.length; i++) {
      if (!Utf8.isSpace(bytes[i])) {
        return i;
      }
    }
    return -1;
  }

  private static RecordSource once(byte[] original, String why) {
    RawRecord only = RawRecord.unreadable(1, RecordForm.UNKNOWN, original, why);
    return number -> number == 1 ? only : null;
  }

  /** Where records come from. */
  interface RecordSource {
    /** The next record, numbered so, or null at the end; there is always a first one. */
    RawRecord next(long number) throws IOException;
  }

  private final class RecordIterator implements Iterator<RawRecord> {
    private final RecordInput input;
    private final InputEnd end;
    private RecordSource source;
    private RawRecord next;
    private long number;
    private boolean ended;

    RecordIterator(InputStream input, InputEnd end) {
      this.input = new RecordInput(new BufferedInputStream(input, 1 << 16), 3 * maxRecordBytes);
      this.end = end;
    }

    @Override
    public boolean hasNext() {
      try {
        while (next == null && !ended) {
          advance();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return next != null;
    }

    private void advance() throws IOException {
      if (source == null) {
        source = source(input);
        input.takeEndMet();
      }
      number++;
      long from = input.position();
      RawRecord read = source.next(number);
      if (read == null) {
        ended = true;
        return;
      }
      boolean cut =
          input.position() - from > maxRecordBytes
              || (read.form() == RecordForm.UNKNOWN && read.original().length() >= maxRecordBytes);
      next = mayGoOn(read) && !end.isJudged() ? null : cut ? read.cut() : read;
    }

    /** Whether the record would say something else, or be there at all, if the input went on. */
    private boolean mayGoOn(RawRecord read) {
      boolean cut = input.takeEndMet() && read.unreadable().isPresent();
      return cut || read.open() || read.form() == RecordForm.UNKNOWN;
    }

    @Override
    public RawRecord next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      RawRecord record = next;
      next = null;
      return record;
    }
  }
}
