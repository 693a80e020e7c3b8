package org.payerexchange.split;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.payerexchange.files.PrivateFiles;

/**
 * Where a split is at work: files of 0600 in a folder of 0700. What an earlier attempt left there
 * is deleted before anything is written.
 */
final class WorkFolder {
  /** Larger writes take larger buffers outside the heap, which stay with the thread. */
  private static final int PIECE = 64 * 1024;

  private final Path folder;
  private final Runnable beat;

  /**
   * Uses a folder that nobody else does.
   *
   * @param beat is run before each write; what it throws ends the work
   */
  WorkFolder(Path folder, Runnable beat) {
    this.folder = folder;
    this.beat = beat;
  }

  /** Begins with nothing. */
  void clear() throws IOException {
    delete();
    PrivateFiles.createFolders(folder);
  }

  /** Deletes the folder with all that is in it, if it is there. */
  void delete() throws IOException {
    PrivateFiles.deleteFolder(folder);
  }

  /** Lets the lease be looked at in between. */
  void beat() {
    beat.run();
  }

  /** Where something lies, or will. */
  Path path(String name) {
    return folder.resolve(name);
  }

  /** Writes a file from its beginning. */
  Output create(Path file) throws IOException {
    return new Output(PrivateFiles.create(file));
  }

  /** Writes on at the end of a file, which is created if it is not there. */
  Output append(Path file) throws IOException {
    FileChannel channel = PrivateFiles.open(file);
    try {
      channel.position(channel.size());
    } catch (IOException unusable) {
      channel.close();
      throw unusable;
    }
    return new Output(channel);
  }

  /** Writes each piece at once. */
  final class Output extends OutputStream {
    private final FileChannel channel;

    private Output(FileChannel channel) {
      this.channel = channel;
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one});
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      if (length == 0) {
        return;
      }
      beat.run();
      ByteBuffer piece = ByteBuffer.wrap(bytes, from, length);
      int end = from + length;
      while (piece.position() < end) {
        channel.write(piece.limit(Math.min(end, piece.position() + PIECE)));
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
