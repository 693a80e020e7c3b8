package org.payerexchange.download;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * One file on its way into a part file, answer after answer: from the start, behind what an earlier
 * attempt left there, or behind the answer before. Between two answers the part is parked, so that
 * nothing is lost where the next one does not come. Not thread-safe.
 */
final class Reception {
  private static final long LITTLE = 65_536;

  private final PartialFile part;
  private final LongFunction<FileCopy> copies;
  private final Long announced;
  private final Function<FileChannel, WritableByteChannel> writer;
  private final Arrival arrival;
  private FileCopy copy;
  private boolean broughtLittle;

  /**
   * Prepares it.
   *
   * @param copies makes what takes the bodies, for a file of so many bytes, -1 if that is not known
   * @param announced how many resources the manifest announced, null if it did not
   * @param writer writes into the part file
   * @param arrival is asked after every read; what it throws ends the reception
   */
  Reception(
      PartialFile part,
      LongFunction<FileCopy> copies,
      Long announced,
      Function<FileChannel, WritableByteChannel> writer,
      Arrival arrival) {
    this.part = part;
    this.copies = copies;
    this.announced = announced;
    this.writer = writer;
    this.arrival = arrival;
  }

  PartialFile part() {
    return part;
  }

  /** What has come; null before the first answer. */
  FileCopy copy() {
    return copy;
  }

  /** How many resources have come. */
  long resources() {
    return copy == null ? 0 : copy.resources();
  }

  /** Throws away what has come. */
  void drop() throws IOException {
    copy = null;
    part.delete();
  }

  /** Whether there is nothing behind what has come. */
  boolean isEndedBy(FileAnswer answer) throws IOException {
    return answer.isOfPart() && part.exists() && answer.continues(part.size(), part.parked());
  }

  /**
   * Reads a body to its end. If it breaks and can be gone on with, the part is parked; after any
   * other failure it is gone.
   *
   * @return whether the file is whole; else the rest of it is to be asked for
   * @throws IOException if the outbox cannot be used
   */
  boolean receive(FileAnswer answer, InputStream body) throws IOException {
    boolean kept = false;
    try (FileChannel to = part.open()) {
      answer.coding().mustBeReadable(FailureReason.FILE_INVALID, "the file");
      Optional<PartialFile.Note> parked = part.unpark();
      long had = to.size();
      if (answer.continues(had, parked)) {
        goOnBehind(to, answer, parked.orElseThrow());
      } else if (answer.startsOver(had)) {
        to.truncate(0);
        copy = copies.apply(answer.total());
        arrival.goesOnAfter(Duration.ZERO);
      } else {
        throw broken("the answer is not the part that was asked for", null);
      }
      PartialFile.Note whole = answer.whole(parked);
      boolean ended;
      try {
        ended = read(answer, body, to, whole, had);
      } catch (IOException brokeOff) {
        if (copy.bytes() > 0 && whole.resumable() && answer.hasRanges()) {
          park(to, whole);
          kept = true;
        }
        throw broken(
            "the answer%s broke off after %s bytes"
                .formatted(
                    answer.coding().unpacked() ? ", which is gzip, is damaged or" : "",
                    copy.bytes()),
            brokeOff);
      }
      if (!ended) {
        park(to, whole);
      }
      kept = true;
      return ended;
    } finally {
      if (!kept) {
        part.delete();
      }
    }
  }

  private void goOnBehind(FileChannel to, FileAnswer answer, PartialFile.Note parked)
      throws IOException {
    if (copy == null || copy.bytes() != to.size()) {
      copy = copies.apply(answer.total());
      skim();
      arrival.goesOnAfter(parked.took());
    }
    to.position(to.size());
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

  private boolean read(
      FileAnswer answer, InputStream body, FileChannel to, PartialFile.Note whole, long had)
      throws IOException {
    copy.copy(body, writer.apply(to), arrival::check);
    if (answer.end() >= 0 && copy.bytes() != answer.end()) {
      throw new EOFException("%s bytes were announced".formatted(answer.end()));
    }
    if (answer.isOfPart() && copy.bytes() != whole.total()) {
      if (!whole.resumable() || !bringsOn(answer, had)) {
        throw new EOFException("the rest is missing");
      }
      return false;
    }
    boolean endIsCertain = answer.end() >= 0 || answer.framed();
    if (!endIsCertain && (copy.bytes() == 0 || copy.endsInsideALine())) {
      throw new EOFException("the last line is not whole");
    }
    copy.finish();
    if (!endIsCertain && announced != null && copy.resources() < announced) {
      throw new EOFException("%s resources were announced".formatted(announced));
    }
    arrival.check(copy.bytes());
    return true;
  }

  /**
   * Whether the rest of a file may be asked for behind a piece (RFC 9110, 15.3.7): not for ever of
   * who sends little at a time, or begins anew behind a part.
   */
  private boolean bringsOn(FileAnswer answer, long had) {
    boolean littleBefore = broughtLittle;
    broughtLittle = copy.bytes() - answer.first() < LITTLE;
    return (had == 0 || answer.first() > 0) && !(littleBefore && broughtLittle);
  }

  private static TransferException broken(String what, Exception cause) {
    return new TransferException(FailureReason.PAYER_UNAVAILABLE, what, cause);
  }
}
