package org.payerexchange.download;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.function.LongConsumer;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * One pass over a file: written, hashed and counted. The body may come in several pieces, one
 * {@link #copy} each, so that a broken download goes on with the right hash.
 */
interface FileCopy {
  /** Larger writes can cost several times as much: Linux then looks for memory in larger blocks. */
  int WRITE = 32 * 1024;

  /**
   * Reads a piece to its end. What was read before the source broke has been written, too.
   *
   * @param from the piece
   * @param to where it is written; null for what is on disk already
   * @param beat is told after every read how many bytes there are; what it throws ends the copy
   * @throws IOException if {@code from} breaks
   * @throws TransferException {@link FailureReason#FILE_INVALID} for what is not as announced,
   *     {@link FailureReason#SINK_UNAVAILABLE} if {@code to} cannot be written
   */
  void copy(InputStream from, WritableByteChannel to, LongConsumer beat) throws IOException;

  /**
   * Reads a piece that is on disk already.
   *
   * @throws IOException if it cannot be read
   */
  default void skim(InputStream from, LongConsumer beat) throws IOException {
    copy(from, null, beat);
  }

  /** Writes what was read, piece by piece; nowhere if {@code to} is null. */
  static void write(byte[] bytes, int from, int end, WritableByteChannel to) {
    if (to == null) {
      return;
    }
    ByteBuffer piece = ByteBuffer.wrap(bytes, from, end - from);
    try {
      while (piece.position() < end) {
        to.write(piece.limit(Math.min(end, piece.position() + WRITE)));
      }
    } catch (IOException full) {
      throw new TransferException(
          FailureReason.SINK_UNAVAILABLE, "the outbox directory cannot be written", full);
    }
  }

  /** Whether what came so far cannot be all. */
  boolean endsInsideALine();

  /**
   * Checks what only the end shows.
   *
   * @throws TransferException {@link FailureReason#FILE_INVALID}
   */
  void finish();

  /** Bytes so far. */
  long bytes();

  /** Resources so far. */
  long resources();

  /** The SHA-256 of all bytes in lower-case hexadecimal digits; ends the copy. */
  String sha256Hex();
}
