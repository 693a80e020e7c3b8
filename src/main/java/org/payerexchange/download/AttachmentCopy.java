package org.payerexchange.download;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.function.LongConsumer;
import org.payerexchange.files.FileHash;

/** One pass over an attachment, whose bytes may be anything. Not thread-safe. */
final class AttachmentCopy implements FileCopy {
  private static final int BUFFER = 32 * 1024;

  private final Long announced;
  private final MessageDigest digest = FileHash.digest();
  private final byte[] buffer = new byte[BUFFER];
  private long bytes;

  /**
   * Starts with nothing read.
   *
   * @param announced the size that its resource tells, or null
   */
  AttachmentCopy(Long announced) {
    this.announced = announced;
  }

  @Override
  public void copy(InputStream from, WritableByteChannel to, LongConsumer beat) throws IOException {
    int read;
    while ((read = from.read(buffer)) >= 0) {
      FileCopy.write(buffer, 0, read, to);
      digest.update(buffer, 0, read);
      bytes += read;
      beat.accept(bytes);
    }
  }

  @Override
  public boolean endsInsideALine() {
    return announced != null && bytes < announced;
  }

  @Override
  public void finish() {
    // what it turns out to be is checked as a whole
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public long resources() {
    return 0;
  }

  @Override
  public String sha256Hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
