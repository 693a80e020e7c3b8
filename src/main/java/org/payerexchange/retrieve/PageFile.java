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
import java.util.NavigableMap;
import java.util.TreeMap;
import org.payerexchange.files.PrivateFiles;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * The resources of all pages so far, a line each, in a file of one lease. The next lease takes a
 * copy: who has lost the lease, and does not know it yet, writes into a file of its own.
 */
final class PageFile {
  private static final String PREFIX = "pages-%s-";

  private final Path path;

  private PageFile(Path path) {
    this.path = path;
  }

  /**
   * The file of a lease, with what the one before it left.
   *
   * @param folder where retrievals of the transfer are at work
   * @param bytes how much of it counts
   * @return one with as many bytes, or an empty one where so many were not left
   * @throws TransferException {@link FailureReason#LEASE_LOST} if there is one of a later lease
   * @throws IOException if the folder cannot be used
   */
  static PageFile takeOver(Path folder, long job, long token, long bytes) throws IOException {
    NavigableMap<Long, Path> left = left(folder, job);
    if (!left.isEmpty() && left.lastKey() > token) {
      throw new TransferException(FailureReason.LEASE_LOST, "the retrieval is another node's");
    }
    PageFile mine = new PageFile(folder.resolve(name(job, token)));
    left.remove(token);
    PrivateFiles.create(mine.path).close();
    if (!left.isEmpty() && Files.size(left.lastEntry().getValue()) >= bytes) {
      mine.copy(left.lastEntry().getValue(), bytes);
    }
    for (Path each : left.values()) {
      Files.delete(each);
    }
    return mine;
  }

  private static String name(long job, long token) {
    return PREFIX.formatted(job) + token;
  }

  private static NavigableMap<Long, Path> left(Path folder, long job) throws IOException {
    NavigableMap<Long, Path> left = new TreeMap<>();
    String prefix = PREFIX.formatted(job);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, prefix + "*")) {
      for (Path each : files) {
        left.put(Long.valueOf(each.getFileName().toString().substring(prefix.length())), each);
      }
    }
    return left;
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

  /** Nobody needs it any more. */
  void delete() throws IOException {
    Files.deleteIfExists(path);
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
