package org.payerexchange.download;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.util.Optional;
import java.util.function.Function;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * One answer on its way into a part file: from the start, or behind what an earlier attempt left
 * there.
 */
final class Reception {
  private final PartialFile part;
  private final FileAnswer answer;
  private final FileCopy copy;
  private final Long announced;
  private final Function<FileChannel, WritableByteChannel> writer;
  private final Arrival arrival;

  /**
   * Prepares it.
   *
   * @param copy takes the body; nothing read yet, or all that the part file holds
   * @param announced how many resources the manifest announced, null if it did not
   * @param writer writes into the part file
   * @param arrival is asked after every read; what it throws ends the reception
   */
  Reception(
      PartialFile part,
      FileAnswer answer,
      FileCopy copy,
      Long announced,
      Function<FileChannel, WritableByteChannel> writer,
      Arrival arrival) {
    this.part = part;
    this.answer = answer;
    this.copy = copy;
    this.announced = announced;
    this.writer = writer;
    this.arrival = arrival;
  }

  /**
   * Reads the body to its end. If it breaks and can be gone on with, the part is parked; after any
   * other failure it is gone.
   *
   * @return whether the file is whole; else the answer was a piece of it, which is parked as well
   * @throws IOException if the outbox cannot be used
   */
  boolean receive(InputStream body) throws IOException {
    boolean kept = false;
    try (FileChannel to = part.open()) {
      Optional<PartialFile.Note> parked = part.unpark();
      boolean piece = answer.isPiece(to.size());
      if (answer.continues(to.size(), parked)) {
        if (copy.bytes() == 0) {
          skim();
        }
        arrival.goesOnAfter(parked.orElseThrow().took());
        to.position(to.size());
      } else if (answer.startsOver(to.size())) {
        to.truncate(0);
      } else {
        throw broken("the answer is not the part that was asked for", null);
      }
      PartialFile.Note whole = answer.whole(parked);
      try {
        read(body, to, piece ? answer.end() : whole.total(), piece);
      } catch (IOException brokeOff) {
        if (copy.bytes() > 0 && whole.resumable() && answer.hasRanges()) {
          park(to, whole);
          kept = true;
        }
        throw broken(
            "the answer%s broke off after %s bytes"
                .formatted(answer.unpacked() ? ", which is gzip, is damaged or" : "", copy.bytes()),
            brokeOff);
      }
      kept = true;
      if (piece) {
        park(to, whole);
      }
      return !piece;
    } finally {
      if (!kept) {
        part.delete();
      }
    }
  }

  private void park(FileChannel to, PartialFile.Note whole) throws IOException {
    to.close();
    part.park(whole.after(arrival.took()));
  }

  /** Its lines were whole when they came: what is wrong with them now, the disk has done. */
  private void skim() throws IOException {
    try (InputStream had = Files.newInputStream(part.path())) {
      copy.skim(had, arrival::check);
    } catch (TransferException damaged) {
      throw damaged.reason() == FailureReason.FILE_INVALID
          ? broken("what had come of the file is damaged, it starts over", damaged)
          : damaged;
    }
  }

  private void read(InputStream body, FileChannel to, long total, boolean piece)
      throws IOException {
    copy.copy(body, writer.apply(to), arrival::check);
    if (total >= 0 && copy.bytes() != total) {
      throw new EOFException("%s bytes were announced".formatted(total));
    }
    if (piece) {
      return;
    }
    boolean endIsCertain = total >= 0 || answer.framed();
    if (!endIsCertain && (copy.bytes() == 0 || copy.endsInsideALine())) {
      throw new EOFException("the last line is not whole");
    }
    copy.finish();
    if (!endIsCertain && announced != null && copy.resources() < announced) {
      throw new EOFException("%s resources were announced".formatted(announced));
    }
    arrival.check(copy.bytes());
  }

  private static TransferException broken(String what, Exception cause) {
    return new TransferException(FailureReason.PAYER_UNAVAILABLE, what, cause);
  }
}
