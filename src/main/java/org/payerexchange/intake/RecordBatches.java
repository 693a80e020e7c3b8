package org.payerexchange.intake;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * The records of one input in the batches that are registered together, bounded in number and size.
 */
public final class RecordBatches implements Iterator<List<RawRecord>>, Closeable {
  /**
   * Keys by content change a page of an embedded ledger each. H2 writes changed pages before the
   * commit already once they are more than 19 MB, and with the commit anew.
   */
  private static final int MAX_RECORDS = 200;

  private static final int MAX_BYTES = 1 << 22;

  private final Iterator<RawRecord> records;
  private final InputStream input;
  private boolean ended;

  RecordBatches(Iterator<RawRecord> records, InputStream input) {
    this.records = records;
    this.input = input;
  }

  /** Whether a batch is left: a last one without a record comes behind the end of the input. */
  @Override
  public boolean hasNext() {
    return !ended;
  }

  /**
   * The next batch.
   *
   * @throws UncheckedIOException if reading fails
   */
  @Override
  public List<RawRecord> next() {
    if (ended) {
      throw new NoSuchElementException();
    }
    List<RawRecord> batch = new ArrayList<>();
    int bytes = 0;
    while (batch.size() < MAX_RECORDS && bytes < MAX_BYTES && records.hasNext()) {
      RawRecord record = records.next();
      batch.add(record);
      bytes += record.original().length();
    }
    if (batch.isEmpty()) {
      end();
    }
    return batch;
  }

  private void end() {
    ended = true;
    try {
      close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    input.close();
  }
}
