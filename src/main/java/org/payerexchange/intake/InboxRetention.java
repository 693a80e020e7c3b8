package org.payerexchange.intake;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes files that were read, and records that were rejected, after a time: both hold PHI, and
 * nothing needs them any more.
 */
public final class InboxRetention {
  private static final Logger LOG = LoggerFactory.getLogger(InboxRetention.class);

  private final InboxFolders folders;
  private final Optional<Duration> keepDone;
  private final Optional<Duration> keepRejected;
  private final Clock clock;
  private final Deletion deletion;

  /**
   * Clears these folders.
   *
   * @param keepDone how long a file is kept after it was read; empty: for good
   * @param keepRejected how long a rejected record is kept; empty: for good
   */
  public InboxRetention(
      InboxFolders folders,
      Optional<Duration> keepDone,
      Optional<Duration> keepRejected,
      Clock clock) {
    this(folders, keepDone, keepRejected, clock, Files::delete);
  }

  InboxRetention(
      InboxFolders folders,
      Optional<Duration> keepDone,
      Optional<Duration> keepRejected,
      Clock clock,
      Deletion deletion) {
    this.deletion = deletion;
    this.folders = folders;
    this.keepDone = keepDone;
    this.keepRejected = keepRejected;
    this.clock = clock;
  }

  /** Deletes what is older; what cannot be deleted is left for the next time. */
  public void clear() {
    keepDone.ifPresent(time -> clear(folders.done(), time, InboxNames::doneAt));
    keepRejected.ifPresent(time -> clear(folders.rejected(), time, InboxRetention::writtenAt));
  }

  private void clear(Path folder, Duration time, Age age) {
    Sweep sweep = new Sweep(age, clock.instant().minus(time));
    try {
      Files.walkFileTree(folder, sweep);
    } catch (IOException unusable) {
      LOG.warn("inbox: {} cannot be cleared", folder);
    }
    if (sweep.left > 0) {
      LOG.warn("inbox: {} files or folders of {} cannot be cleared", sweep.left, folder);
    }
  }

  /** One that cannot be deleted keeps none of the others; one that is gone is what was wanted. */
  private final class Sweep extends SimpleFileVisitor<Path> {
    private final Age age;
    private final Instant before;
    private long left;

    Sweep(Age age, Instant before) {
      this.age = age;
      this.before = before;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      try {
        if (attributes.isRegularFile()
            && age.since(file).filter(since -> since.isBefore(before)).isPresent()) {
          deletion.delete(file);
        }
        return FileVisitResult.CONTINUE;
      } catch (IOException unusable) {
        return visitFileFailed(file, unusable);
      }
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException why) {
      left += why instanceof NoSuchFileException ? 0 : 1;
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, IOException why) {
      return why == null ? FileVisitResult.CONTINUE : visitFileFailed(folder, why);
    }
  }

  private static Optional<Instant> writtenAt(Path file) throws IOException {
    return Optional.of(Files.getLastModifiedTime(file).toInstant());
  }

  /** Removes a file, which a test makes fail. */
  interface Deletion {
    void delete(Path file) throws IOException;
  }

  private interface Age {
    /** Since when a file lies there; empty for one that somebody else has put there. */
    Optional<Instant> since(Path file) throws IOException;
  }
}
