package org.payerexchange.delivery;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Reads NDJSON line by line; only the line that is handed out is in memory. Blank lines and a byte
 * order mark in front of the first are left out. Not thread-safe.
 */
public final class NdjsonLines implements Closeable {
  private static final int BUFFER = 64 * 1024;

  private final InputStream file;
  private byte[] buffer = new byte[BUFFER];
  private int start;
  private int end;
  private boolean first = true;

  /** Reads this file, which is closed with this. */
  public NdjsonLines(InputStream file) {
    this.file = file;
  }

  /**
   * The next line in UTF-8 without its line feed, null at the end.
   *
   * @throws IOException if the file cannot be read
   */
  public byte[] next() throws IOException {
    while (true) {
      int feed = lineFeed();
      if (feed < 0 && start == end) {
        return null;
      }
      byte[] line = stripped(start, feed < 0 ? end : feed);
      start = feed < 0 ? end : feed + 1;
      if (line.length > 0) {
        return line;
      }
    }
  }

  /** Where the line ends; -1 where the file does. */
  private int lineFeed() throws IOException {
    int at = start;
    while (true) {
      for (; at < end; at++) {
        if (buffer[at] == '\n') {
          return at;
        }
      }
      at -= makeRoom();
      int read = file.read(buffer, end, buffer.length - end);
      if (read < 0) {
        return -1;
      }
      end += read;
    }
  }

  /** Moves what is unread to the front; answers how far. */
  private int makeRoom() {
    int moved = start;
    if (start > 0) {
      System.arraycopy(buffer, start, buffer, 0, end - start);
      end -= start;
      start = 0;
    }
    if (end == buffer.length) {
      buffer = Arrays.copyOf(buffer, buffer.length * 2);
    }
    return moved;
  }

  private byte[] stripped(int from, int to) {
    int left = from;
    int right = to;
    if (first && right - left >= 3 && isMark(left)) {
      left += 3;
    }
    first = false;
    while (left < right && buffer[left] >= 0 && buffer[left] <= ' ') {
      left++;
    }
    while (left < right && buffer[right - 1] >= 0 && buffer[right - 1] <= ' ') {
      right--;
    }
    return Arrays.copyOfRange(buffer, left, right);
  }

  private boolean isMark(int at) {
    return buffer[at] == (byte) 0xEF
        && buffer[at + 1] == (byte) 0xBB
        && buffer[at + 2] == (byte) 0xBF;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
