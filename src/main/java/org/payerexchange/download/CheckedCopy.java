package org.payerexchange.download;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.LongConsumer;
import org.payerexchange.files.FileHash;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * One pass over an NDJSON file, every line checked. Holds one buffer, which grows only for a line
 * that does not fit, up to the longest line allowed. Not thread-safe.
 *
 * <p>A byte order mark in front of the first line and blank lines are let pass; they are kept in
 * the file.
 */
final class CheckedCopy implements FileCopy {
  private static final int BUFFER = 256 * 1024;
  private static final int SMALL_FILE = 15 * 1024;
  private static final int SMALL_BUFFER = 16 * 1024;
  private static final int DRAIN_FROM = 128 * 1024;

  private static final int LONGEST_LINE = 16 * 1024 * 1024;

  private final String resourceType;
  private final ResourceScanner scanner;
  private final MessageDigest digest = FileHash.digest();
  private byte[] buffer;
  private int filled;
  private int drained;
  private long bytes;
  private long lines;
  private long resources;

  /**
   * Starts with nothing read.
   *
   * @param expected the size of the whole file in bytes, negative if it is not known
   */
  CheckedCopy(String resourceType, long expected) {
    this.resourceType = resourceType;
    this.buffer = new byte[expected >= 0 && expected < SMALL_FILE ? SMALL_BUFFER : BUFFER];
    this.scanner = new ResourceScanner(resourceType);
  }

  @Override
  public void copy(InputStream from, WritableByteChannel to, LongConsumer beat) throws IOException {
    try {
      int read;
      while ((read = from.read(buffer, filled, capacity() - filled)) >= 0) {
        filled += read;
        if (filled - drained >= DRAIN_FROM || filled == capacity()) {
          drain(to);
        }
        beat.accept(bytes + filled - drained);
      }
    } catch (IOException broken) {
      drain(to);
      throw broken;
    }
    drain(to);
  }

  /** Apart from a line that only lacks its line feed. */
  @Override
  public boolean endsInsideALine() {
    return lastLine() == ResourceScanner.Verdict.MALFORMED;
  }

  /** The last line may lack its line feed. */
  @Override
  public void finish() {
    if (filled > 0) {
      count(lastLine());
      filled = 0;
      drained = 0;
    }
  }

  private ResourceScanner.Verdict lastLine() {
    buffer[filled] = '\n';
    return scanner.check(buffer, lineStart(0));
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public long resources() {
    return resources;
  }

  @Override
  public String sha256Hex() {
    return HexFormat.of().formatHex(digest.digest());
  }

  private int capacity() {
    return buffer.length - ResourceScanner.SLACK;
  }

  private void drain(WritableByteChannel to) {
    FileCopy.write(buffer, drained, filled, to);
    digest.update(buffer, drained, filled - drained);
    bytes += filled - drained;
    int rest = checkLines();
    System.arraycopy(buffer, rest, buffer, 0, filled - rest);
    filled -= rest;
    drained = filled;
    if (filled == capacity()) {
      grow();
    }
  }

  private int checkLines() {
    int lastFeed = filled - 1;
    // A line that began in an earlier piece has no line feed before the bytes that are new.
    while (lastFeed >= drained && buffer[lastFeed] != '\n') {
      lastFeed--;
    }
    if (lastFeed < drained) {
      return 0;
    }
    int at = 0;
    while (at <= lastFeed) {
      count(scanner.check(buffer, lineStart(at)));
      at = scanner.end();
    }
    return at;
  }

  private int lineStart(int at) {
    boolean marked =
        lines == 0
            && buffer[at] == (byte) 0xEF
            && buffer[at + 1] == (byte) 0xBB
            && buffer[at + 2] == (byte) 0xBF;
    return marked ? at + 3 : at;
  }

  private void count(ResourceScanner.Verdict verdict) {
    lines++;
    switch (verdict) {
      case RESOURCE -> resources++;
      case BLANK, HEADER -> {}
      case OTHER_TYPE -> throw invalid("is a resource of another type than " + resourceType);
      case NO_TYPE -> throw invalid("has no resourceType");
      case AMBIGUOUS -> throw invalid("has its resourceType or id twice or in escapes");
      case MALFORMED -> throw invalid("is not a JSON object in UTF-8");
    }
  }

  private void grow() {
    if (buffer.length > LONGEST_LINE) {
      lines++;
      throw invalid("is longer than %s bytes".formatted(LONGEST_LINE));
    }
    buffer = Arrays.copyOf(buffer, Math.min(buffer.length * 2, LONGEST_LINE + 64));
  }

  private TransferException invalid(String what) {
    return new TransferException(FailureReason.FILE_INVALID, "line %s %s".formatted(lines, what));
  }
}
