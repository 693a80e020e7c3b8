package org.payerexchange.dialect.pdex;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/** A stream that ends with {@link FailureReason#TOO_LARGE} where it should have ended before. */
final class BoundedStream extends FilterInputStream {
  private final long most;
  private long left;

  /**
   * Bounds a stream.
   *
   * @param most how many bytes all streams together may have; told where they have more
   * @param left how many of them are left
   */
  BoundedStream(InputStream in, long most, long left) {
    super(in);
    this.most = most;
    this.left = left;
  }

  /** How many bytes the next stream may have. */
  long left() {
    return left;
  }

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

  @Override
  public long skip(long bytes) throws IOException {
    long skipped = super.skip(bytes);
    count(skipped);
    return skipped;
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  private void count(long bytes) {
    left -= bytes;
    if (left < 0) {
      throw new TransferException(
          FailureReason.TOO_LARGE,
          "the answer to the match has more than %s bytes".formatted(most));
    }
  }
}
