package org.payerexchange.support;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * A disk for H2's files that is full once so many more bytes are written; {@code
 * jdbc:h2:full:/folder/name}. There is one for all databases of the JVM, as H2 has it.
 */
public final class FullDisk extends FilePathWrapper {
  private static final String SCHEME = "full";
  private static final AtomicLong LEFT = new AtomicLong(Long.MAX_VALUE);

  static {
    FilePath.register(new FullDisk());
  }

  /** The URL of a database in the folder; the disk has room. */
  public static String url(Path folder) {
    makeRoom();
    return "jdbc:h2:%s:%s".formatted(SCHEME, folder.resolve("ledger").toAbsolutePath());
  }

  /** From now on so many bytes fit; of a write that does not fit, its beginning is written. */
  public static void leave(long bytes) {
    LEFT.set(bytes);
  }

  /** Everything fits again. */
  public static void makeRoom() {
    LEFT.set(Long.MAX_VALUE);
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    return new Channel(getBase().open(mode));
  }

  private static final class Channel extends DiskFile {
    Channel(FileChannel file) {
      super(file);
    }

    @Override
    public synchronized int write(ByteBuffer from, long position) throws IOException {
      int fits = take(from);
      int end = from.limit();
      from.limit(from.position() + fits);
      int written = super.write(from, position);
      from.limit(end);
      if (from.hasRemaining()) {
        throw new IOException("No space left on device");
      }
      return written;
    }

    private static int take(ByteBuffer from) {
      long before = LEFT.getAndUpdate(left -> Math.max(0, left - from.remaining()));
      return (int) Math.min(before, from.remaining());
    }
  }
}
