package org.payerexchange.retrieve;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/** The body of a page, which may break off, and may be too long: both are the payer's failures. */
final class PageBody extends FilterInputStream {
  private final long most;
  private long read;

  PageBody(InputStream body, long most) {
    super(body);
    this.most = most;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) {
    int now;
    try {
      now = super.read(buffer, offset, length);
    } catch (IOException brokeOff) {
      throw new TransferException(
          FailureReason.PAYER_UNAVAILABLE,
          "a page broke off after %s bytes".formatted(read),
          brokeOff);
    }
    read += Math.max(now, 0);
    if (read > most) {
      throw new TransferException(
          FailureReason.TOO_LARGE,
          "a page has more than %s bytes (p2p.http.max-answer-bytes)".formatted(most));
    }
    return now;
  }
}
