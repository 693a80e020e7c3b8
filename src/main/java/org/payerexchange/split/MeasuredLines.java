package org.payerexchange.split;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import org.payerexchange.files.PrivateFiles;

/** A private file that lines are written into, counted and hashed. Not thread-safe. */
public final class MeasuredLines implements Closeable {
  private static final byte[] FEED = {'\n'};

  private final Path path;
  private final OutputStream to;
  private final Measure measure = new Measure();
  private long lines;

  /**
   * Makes it, empty.
   *
   * @throws IOException if it cannot be made
   */
  public MeasuredLines(Path path) throws IOException {
    this.path = path;
    this.to = new BufferedOutputStream(Channels.newOutputStream(PrivateFiles.create(path)));
  }

  /**
   * Adds a line.
   *
   * @param line without a line feed
   * @throws IOException if it cannot be written
   */
  public void add(byte[] line) throws IOException {
    to.write(line);
    to.write(FEED);
    measure.add(line, line.length);
    measure.add(FEED, 1);
    lines++;
  }

  /** What was written, once it is closed. */
  public MemberFile end(String resourceType) {
    return measure.end(resourceType, path, lines);
  }

  @Override
  public void close() throws IOException {
    to.close();
  }
}
