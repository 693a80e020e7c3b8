package org.payerexchange.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A stream that tells of all that is read from it, and is read once. */
public abstract class CountedStream extends FilterInputStream {
  /** Counts what comes from another. */
  protected CountedStream(InputStream in) {
    super(in);
  }

  /**
   * Learns how many bytes have come now; 0 for none.
   *
   * @throws IOException if there may be no more
   */
  protected abstract void count(int bytes) throws IOException;

  @Override
  public int read() throws IOException {
    int read = super.read();
    count(read < 0 ? 0 : 1);
    return read;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int read = super.read(into, offset, length);
    count(Math.max(read, 0));
    return read;
  }
}
