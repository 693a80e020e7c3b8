package org.payerexchange.delivery;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.StringJoiner;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/** Reads a file resource by resource; only what is handed out is in memory. Not thread-safe. */
final class ResourceReader implements Iterator<ResourceBatch>, Closeable {
  private final NdjsonLines lines;
  private final int bundleSize;
  private final long bundleBytes;
  private long position;
  private byte[] next;

  /**
   * Goes on in a file.
   *
   * @param file closed with this
   * @param position resources that have been delivered already
   * @param bundleSize most resources of a Bundle; 0: single resources
   * @param bundleBytes most bytes of them, more only where a single resource has more
   */
  ResourceReader(InputStream file, long position, int bundleSize, long bundleBytes)
      throws IOException {
    this.lines = new NdjsonLines(file);
    this.bundleSize = bundleSize;
    this.bundleBytes = bundleBytes;
    this.next = lines.next();
    while (this.position < position && next != null) {
      take();
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
          FailureReason.SINK_UNAVAILABLE, "the file cannot be read from the outbox", unreadable);
    }
  }

  private ResourceBatch resource() throws IOException {
    String json = take();
    return new ResourceBatch(position, position, json);
  }

  private ResourceBatch bundle() throws IOException {
    long first = position + 1;
    StringJoiner entries =
        new StringJoiner(
            "},{\"resource\":",
            "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"resource\":",
            "}]}");
    long bytes = 0;
    do {
      bytes += next.length;
      entries.add(take());
    } while (next != null
        && position - first + 1 < bundleSize
        && bytes + next.length <= bundleBytes);
    return new ResourceBatch(first, position, entries.toString());
  }

  private String take() throws IOException {
    String json = new String(next, StandardCharsets.UTF_8);
    position++;
    next = lines.next();
    return json;
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
