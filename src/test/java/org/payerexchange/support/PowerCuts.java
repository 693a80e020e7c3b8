package org.payerexchange.support;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * A disk for H2's file that writes down what it is told, and then shows what a power cut at any
 * time would have left: all that was forced, and of what was not whatever the test says; {@code
 * jdbc:h2:cut:/folder/name}. There is one for all databases of the JVM, as H2 has it.
 */
public final class PowerCuts extends FilePathWrapper {
  private static final String SCHEME = "cut";
  private static final String FILE = "ledger";
  private static final String SUFFIX = ".mv.db";
  private static final List<Told> TOLD = new ArrayList<>();
  private static final AtomicInteger REFUSED = new AtomicInteger(Integer.MAX_VALUE);

  static {
    FilePath.register(new PowerCuts());
  }

  /** What a disk is told; bytes are there for a write alone. */
  private record Told(What what, long position, ByteBuffer bytes) {
    int length() {
      return bytes.capacity();
    }
  }

  private enum What {
    WRITE,
    TRUNCATE,
    FORCE
  }

  /** What stays of that which was not forced. */
  public enum Kept {
    NOTHING,
    EVERYTHING,
    /** Each write whole or not at all. */
    SOME_WRITES,
    /** Each sector of each write, whichever others stay. */
    SOME_SECTORS
  }

  /** The URL of a database in the folder; nothing is written down yet. */
  public static String url(Path folder) {
    synchronized (TOLD) {
      TOLD.clear();
    }
    return "jdbc:h2:%s:%s".formatted(SCHEME, folder.resolve(FILE).toAbsolutePath());
  }

  /** The disk refuses to be forced, once, after so many times. */
  public static void refuseAfter(int forces) {
    REFUSED.set(forces);
  }

  /** How often the disk was told something; a power cut comes after so many times. */
  public static int times() {
    synchronized (TOLD) {
      return TOLD.size();
    }
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    FileChannel file = super.open(mode);
    return name.endsWith(SUFFIX) ? new Channel(file) : file;
  }

  /** The disk as time goes by; it goes forward alone. */
  public static final class Disk {
    private static final int SECTOR = 512;

    private final List<Told> unforced = new ArrayList<>();
    private byte[] forced;
    private int time;

    /**
     * At the beginning of what is written down.
     *
     * @param file what it has of the database already
     */
    public Disk(byte[] file) {
      this.forced = file;
    }

    /**
     * Writes the file that a power cut leaves.
     *
     * @param when after so many {@link PowerCuts#times}, not before the last
     * @return the file
     */
    public Path cut(int when, Kept kept, Random random, Path folder) throws IOException {
      goOnTo(when);
      byte[] left = forced.clone();
      for (Told told : unforced) {
        BooleanSupplier stays =
            () -> kept == Kept.EVERYTHING || (kept != Kept.NOTHING && random.nextBoolean());
        if (kept != Kept.SOME_SECTORS || told.what == What.TRUNCATE) {
          left = stays.getAsBoolean() ? after(left, told, 0, told.length()) : left;
          continue;
        }
        for (int from = 0; from < told.length(); from += SECTOR) {
          if (stays.getAsBoolean()) {
            left = after(left, told, from, Math.min(SECTOR, told.length() - from));
          }
        }
      }
      Files.createDirectories(folder);
      return Files.write(folder.resolve(FILE + SUFFIX), left);
    }

    private void goOnTo(int when) {
      List<Told> next;
      synchronized (TOLD) {
        next = List.copyOf(TOLD.subList(time, when));
      }
      time = when;
      for (Told told : next) {
        if (told.what == What.FORCE) {
          unforced.forEach(each -> forced = after(forced, each, 0, each.length()));
          unforced.clear();
        } else {
          unforced.add(told);
        }
      }
    }

    private static byte[] after(byte[] before, Told told, int from, int length) {
      int begin = Math.toIntExact(told.position + from);
      int size = told.what == What.TRUNCATE ? begin : Math.max(before.length, begin + length);
      byte[] after = size == before.length ? before : Arrays.copyOf(before, size);
      told.bytes.get(from, after, begin, length);
      return after;
    }
  }

  private static final class Channel extends DiskFile {
    Channel(FileChannel file) {
      super(file);
    }

    private static void tell(What what, long position, byte[] bytes) {
      synchronized (TOLD) {
        TOLD.add(new Told(what, position, ByteBuffer.wrap(bytes)));
      }
    }

    @Override
    public synchronized int write(ByteBuffer from, long position) throws IOException {
      byte[] bytes = new byte[from.remaining()];
      from.duplicate().get(bytes);
      int written = super.write(from, position);
      if (written < bytes.length) {
        throw new IOException("only some of it could be written");
      }
      tell(What.WRITE, position, bytes);
      return written;
    }

    @Override
    public void force(boolean metaData) throws IOException {
      if (REFUSED.getAndDecrement() == 0) {
        throw new IOException("Input/output error");
      }
      tell(What.FORCE, 0, new byte[0]);
    }

    @Override
    protected void implTruncate(long size) throws IOException {
      if (size < file.size()) {
        super.implTruncate(size);
        tell(What.TRUNCATE, size, new byte[0]);
      }
    }
  }
}
