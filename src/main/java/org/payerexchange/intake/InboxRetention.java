package org.payerexchange.intake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
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
    Instant before = clock.instant().minus(time);
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        if (age.since(file).filter(since -> since.isBefore(before)).isPresent()) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException | UncheckedIOException unusable) {
      LOG.warn("inbox: {} cannot be cleared", folder);
    }
  }

  private static Optional<Instant> writtenAt(Path file) throws IOException {
    return Optional.of(Files.getLastModifiedTime(file).toInstant());
  }

  private interface Age {
    /** Since when a file lies there; empty for one that somebody else has put there. */
    Optional<Instant> since(Path file) throws IOException;
  }
}
