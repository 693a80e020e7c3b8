package org.payerexchange.retrieve;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.payerexchange.files.PrivateFiles;

/**
 * The resources of all pages so far, a line each, in a file of one lease. The next lease takes a
 * copy: who has lost the lease, and does not know it yet, writes into a file of its own.
 */
final class PageFile {
  private final Path path;

  private PageFile(Path path) {
    this.path = path;
  }

  /**
   * The file of a lease, with what those before it left.
   *
   * @param folder where retrievals of the transfer are at work
   * @param bytes how much of it counts
   * @return whether that much was there is told by {@link #size}
   * @throws IOException if the folder cannot be used
   */
  static PageFile takeOver(Path folder, long job, long token, long bytes) throws IOException {
    String ofJob = "pages-%d-".formatted(job);
    PageFile mine = new PageFile(folder.resolve(ofJob + token));
    List<Path> before = new ArrayList<>();
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, ofJob + "*")) {
      left.forEach(before::add);
    }
    PrivateFiles.create(mine.path).close();
    for (Path each : before) {
      if (!each.equals(mine.path)) {
        if (mine.size() < bytes && Files.size(each) >= bytes) {
          mine.copy(each, bytes);
        }
        Files.delete(each);
      }
    }
    return mine;
  }

  private void copy(Path from, long bytes) throws IOException {
    try (FileChannel source = FileChannel.open(from, StandardOpenOption.READ);
        FileChannel to = PrivateFiles.create(path)) {
      for (long copied = 0; copied < bytes; ) {
        copied += source.transferTo(copied, bytes - copied, to);
      }
      to.force(true);
    }
  }

  long size() throws IOException {
    return Files.size(path);
  }

  Path path() {
    return path;
  }

  /** Adds to it; what it holds is forced to the disk when this is closed. */
  Lines append() throws IOException {
    return new Lines(FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.APPEND));
  }

  /** Lines on their way into the file. */
  static final class Lines implements Closeable {
    private final FileChannel file;
    private final OutputStream to;

    private Lines(FileChannel file) {
      this.file = file;
      this.to = new BufferedOutputStream(Channels.newOutputStream(file), 64 * 1024);
    }

    void add(byte[] line) throws IOException {
      to.write(line);
      to.write('\n');
    }

    @Override
    public void close() throws IOException {
      try (file) {
        to.flush();
        file.force(false);
      }
    }
  }
}
