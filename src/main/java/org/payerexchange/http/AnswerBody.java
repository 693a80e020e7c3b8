package org.payerexchange.http;

import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.apache.hc.core5.http.io.EofSensorInputStream;
import org.payerexchange.payer.FailureReason;
import org.payerexchange.payer.TransferException;

/**
 * An answer's body, unpacked. Closing it before its end gives up the connection, where the HTTP
 * client by itself would first read the rest.
 */
final class AnswerBody extends FilterInputStream {
  private static final int BUFFER = 16 * 1024;

  private final InputStream raw;
  private boolean ended;

  private AnswerBody(InputStream unpacked, InputStream raw) {
    super(unpacked);
    this.raw = raw;
  }

  /**
   * Wraps what the HTTP client hands over.
   *
   * @param raw null where the answer has no body
   * @param encoding the answer's {@code Content-Encoding}, null for none
   */
  static AnswerBody of(InputStream raw, String encoding) throws IOException {
    InputStream body = raw == null ? InputStream.nullInputStream() : raw;
    boolean gzip = encoding != null && encoding.toLowerCase(Locale.ROOT).contains("gzip");
    return gzip ? unpacked(body) : new AnswerBody(body, body);
  }

  /** An empty body stays empty, whatever its header says. */
  private static AnswerBody unpacked(InputStream body) throws IOException {
    PushbackInputStream packed = new PushbackInputStream(body);
    int first = packed.read();
    if (first < 0) {
      return new AnswerBody(body, body);
    }
    packed.unread(first);
    try {
      return new AnswerBody(new GZIPInputStream(packed, BUFFER), body);
    } catch (IOException notPacked) {
      new AnswerBody(body, body).close();
      throw notPacked;
    }
  }

  /**
   * Reads all of it.
   *
   * @throws TransferException {@link FailureReason#BAD_ANSWER} if it is longer than {@code
   *     maxBytes}, {@link FailureReason#PAYER_UNAVAILABLE} if it takes longer than {@code timeout}
   */
  byte[] readWhole(int maxBytes, Duration timeout, Clock clock) throws IOException {
    Instant deadline = clock.instant().plus(timeout);
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    byte[] buffer = new byte[BUFFER];
    try (this) {
      for (int n = read(buffer); n >= 0; n = read(buffer)) {
        whole.write(buffer, 0, n);
        if (whole.size() > maxBytes) {
          throw new TransferException(
              FailureReason.BAD_ANSWER, "the answer is longer than %d bytes".formatted(maxBytes));
        }
        if (clock.instant().isAfter(deadline)) {
          throw new TransferException(
              FailureReason.PAYER_UNAVAILABLE,
              "the answer did not end within %s".formatted(timeout));
        }
      }
    }
    return whole.toByteArray();
  }

  @Override
  public int read() throws IOException {
    int b = super.read();
    ended |= b < 0;
    return b;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int n = super.read(buffer, offset, length);
    ended |= n < 0;
    return n;
  }

  @Override
  public void close() throws IOException {
    if (!ended && raw instanceof EofSensorInputStream connection) {
      ended = true;
      connection.abort();
    }
    super.close();
  }
}
