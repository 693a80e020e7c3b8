package org.payerexchange.delivery;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.StringJoiner;
import org.payerexchange.payer.FailureReason;
import org.payerexchange.payer.TransferException;

/**
 * Reads a staged file resource by resource; only what is handed out is in memory. Not thread-safe.
 */
final class ResourceReader implements Iterator<ResourceBatch>, Closeable {
  private final NdjsonLines lines;
  private final int bundleSize;
  private long position;
  private String next;

  /**
   * Goes on in a file.
   *
   * @param file the staged file; closed with this
   * @param position resources that have been delivered already
   * @param bundleSize resources a Bundle; 0: single resources
   */
  ResourceReader(InputStream file, long position, int bundleSize) throws IOException {
    this.lines = new NdjsonLines(file);
    this.bundleSize = bundleSize;
    this.next = read();
    while (this.position < position && next != null) {
      this.position++;
      next = read();
    }
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  @Override
  public ResourceBatch next() {
    if (next == null) {
      throw new NoSuchElementException();
    }
    try {
      return bundleSize == 0 ? resource() : bundle();
    } catch (IOException unreadable) {
      throw new TransferException(
          FailureReason.SINK_UNAVAILABLE, "the staged file cannot be read", unreadable);
    }
  }

  private ResourceBatch resource() throws IOException {
    String json = next;
    position++;
    next = read();
    return new ResourceBatch(position, position, json);
  }

  private ResourceBatch bundle() throws IOException {
    long first = position + 1;
    StringJoiner entries =
        new StringJoiner(
            "},{\"resource\":",
            "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"resource\":",
            "}]}");
    for (int i = 0; i < bundleSize && next != null; i++) {
      entries.add(next);
      position++;
      next = read();
    }
    return new ResourceBatch(first, position, entries.toString());
  }

  /** The next line that holds a resource, null at the end. */
  private String read() throws IOException {
    byte[] line = lines.next();
    return line == null ? null : new String(line, StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
