package org.payerexchange.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;

/**
 * Forces a file to the disk piece by piece while it is written. A disk that gets gigabytes to force
 * all at once lets everybody else who forces something wait for them, the ledger's commits among
 * them.
 */
final class SteadilyForced implements WritableByteChannel {
  static final int PIECE = 8 * 1024 * 1024;

  private final WritableByteChannel file;
  private final Force force;
  private long unforced;

  /** Writes to a file, which the caller closes. */
  SteadilyForced(FileChannel file) {
    this(file, () -> file.force(false));
  }

  SteadilyForced(WritableByteChannel file, Force force) {
    this.file = file;
    this.force = force;
  }

  /** Has the disk take what was written so far. */
  @FunctionalInterface
  interface Force {
    void run() throws IOException;
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    int written = file.write(bytes);
    unforced += written;
    if (unforced >= PIECE) {
      force.run();
      unforced = 0;
    }
    return written;
  }

  @Override
  public boolean isOpen() {
    return file.isOpen();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
