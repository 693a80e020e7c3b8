package org.payerexchange.ledger.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.h2.mvstore.DataUtils;
import org.h2.store.fs.FileBaseDefault;

/**
 * H2's file of a ledger, which a power cut leaves with the last forced version or a newer one,
 * whole. H2 writes each version as one chunk into free space and knows a whole one by its header
 * and footer alone, whatever the disk has taken of what stands between them. Two equal headers of
 * the file name a chunk, both are written at once and not each time: where that chunk is lost or
 * written over, H2 takes for the newest what it finds at the end of the file, which may be far
 * older.
 *
 * <p>So a chunk's footer is written when the disk has the rest of it, then the first header names
 * it; the second names the version before, which the disk has whole. A chunk is begun when the disk
 * has the one before, since it may lie on what no version since then needs. These are two forces a
 * commit.
 *
 * @see <a href="https://h2database.com/html/mvstore.html#fileFormat">H2's file format</a>
 */
final class ForcedFile extends FileBaseDefault {
  /** H2's block; the two headers are a block each. */
  private static final int BLOCK = 4096;

  /** What a disk writes whole; a header and a footer fit in. */
  private static final int SECTOR = 512;

  private static final String VERSION = "version";

  private final FileChannel file;
  private Map<String, String> newest;

  /** What a killed process wrote may not be on the disk yet. */
  private boolean unforced = true;

  ForcedFile(FileChannel file) {
    this.file = file;
  }

  @Override
  public synchronized int write(ByteBuffer from, long position) throws IOException {
    int length = from.remaining();
    if (position == 0) {
      writeHeaders(from);
    } else {
      writeChunk(from, position);
    }
    return length;
  }

  private void writeHeaders(ByteBuffer from) throws IOException {
    Map<String, String> written = checked(from.slice());
    if (written == null) {
      throw new IOException("the header of an H2 file is not as expected");
    }
    from.position(from.limit());
    if (!written.equals(newest)) {
      force();
      put(written, 0);
      put(written, BLOCK);
      newest = written;
    }
  }

  private void writeChunk(ByteBuffer from, long position) throws IOException {
    Map<String, String> chunk = DataUtils.parseMap(line(from.slice()).strip());
    if (newest == null) {
      newest = header();
    }
    force();
    put(newest, BLOCK);
    int begin = from.position();
    int end = from.limit();
    put(from.limit(end - SECTOR), position);
    force();
    put(from.limit(end), position + from.position() - begin);
    // else an old one is copied to another place
    if (version(chunk) > version(newest)) {
      newest.put("block", Long.toHexString(position / BLOCK));
      newest.put("chunk", chunk.get("chunk"));
      newest.put(VERSION, chunk.get(VERSION));
      put(newest, 0);
    }
  }

  private static long version(Map<String, String> of) {
    return DataUtils.readHexLong(of, VERSION, 0);
  }

  private Map<String, String> header() throws IOException {
    for (long position : new long[] {0, BLOCK}) {
      ByteBuffer sector = ByteBuffer.allocate(SECTOR);
      DataUtils.readFully(file, position, sector);
      Map<String, String> header = checked(sector);
      if (header != null) {
        return header;
      }
    }
    throw new IOException("an H2 file has no header");
  }

  /**
   * What a header says, or null if its checksum is wrong. That the file was closed is left out: H2
   * then looks less closely, and takes an older version where the newest one still names a chunk of
   * which nothing is needed and nothing is left.
   */
  private static Map<String, String> checked(ByteBuffer header) {
    String text = line(header);
    int end = text.lastIndexOf(",fletcher:");
    if (end < 0 || !sealed(text.substring(0, end)).equals(text)) {
      return null;
    }
    Map<String, String> checked = DataUtils.parseMap(text.substring(0, end));
    checked.remove("clean");
    return checked;
  }

  private static String line(ByteBuffer from) {
    byte[] bytes = new byte[Math.min(SECTOR, from.remaining())];
    from.get(bytes);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    return text.substring(0, Math.max(0, text.indexOf('\n')));
  }

  private static String sealed(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    StringBuilder sealed = new StringBuilder(text);
    DataUtils.appendMap(sealed, "fletcher", DataUtils.getFletcher32(bytes, 0, bytes.length));
    return sealed.toString();
  }

  private void put(Map<String, String> header, long position) throws IOException {
    String text =
        sealed(DataUtils.appendMap(new StringBuilder(), new HashMap<>(header)).toString()) + "\n";
    ByteBuffer sector = ByteBuffer.allocate(SECTOR);
    sector.put(text.getBytes(StandardCharsets.ISO_8859_1)).rewind();
    put(sector, position);
  }

  private void put(ByteBuffer from, long position) throws IOException {
    unforced = true;
    for (long to = position; from.hasRemaining(); ) {
      to += file.write(from, to);
    }
  }

  private void force() throws IOException {
    if (unforced) {
      file.force(false);
      unforced = false;
    }
  }

  @Override
  public synchronized void force(boolean metaData) throws IOException {
    force();
  }

  @Override
  protected void implTruncate(long size) throws IOException {
    unforced = true;
    file.truncate(size);
  }

  /** Not kept waiting by a force. */
  @Override
  @SuppressWarnings("UnsynchronizedOverridesSynchronized")
  public int read(ByteBuffer to, long position) throws IOException {
    return file.read(to, position);
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public FileLock tryLock(long position, long size, boolean shared) throws IOException {
    return file.tryLock(position, size, shared);
  }

  @Override
  protected void implCloseChannel() throws IOException {
    file.close();
  }
}
