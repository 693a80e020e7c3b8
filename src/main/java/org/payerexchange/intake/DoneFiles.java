package org.payerexchange.intake;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files whose records are committed, in {@code .done}. A writer that still has such a file open
 * writes on there; what changes while it is watched goes back into the inbox and is read again.
 */
public final class DoneFiles {
  private static final int MOST_WATCHED = 10_000;
  private static final Logger LOG = LoggerFactory.getLogger(DoneFiles.class);

  private final Path folder;
  private final InboxNames names;
  private final Duration watch;
  private final Clock clock;
  private final Queue<Watched> watched = new ConcurrentLinkedQueue<>();

  /**
   * Keeps files in the folder for them.
   *
   * @param watch how long a file is watched there
   */
  public DoneFiles(InboxFolders folders, Duration watch, Clock clock) {
    this.folder = folders.done();
    this.names = new InboxNames(clock);
    this.watch = watch;
    this.clock = clock;
  }

  /**
   * Puts a file there, if it is still what was read.
   *
   * @return false if it has changed; it is in the inbox then
   * @throws NoSuchFileException if it is not in the inbox any more
   */
  boolean put(InboxFile file) throws IOException {
    if (!Stamp.of(file.path()).equals(file.stamp())) {
      return false;
    }
    Watched put = new Watched(file, move(file), clock.instant().plus(watch));
    if (put.hasChanged()) {
      put.bringBack();
      return false;
    }
    watched.add(put);
    while (watched.size() > MOST_WATCHED) {
      watched.remove();
    }
    return true;
  }

  private Path move(InboxFile file) throws IOException {
    for (int again = 1; ; again++) {
      Path target = folder.resolve(names.done(file.name(), again));
      InboxFolders.make(target.getParent());
      try {
        return Files.move(file.path(), target);
      } catch (FileAlreadyExistsException taken) {
        LOG.debug("inbox: {} is put away under another name", file.name());
      }
    }
  }

  /** Takes back into the inbox what was written to since it was put away. */
  public void bringBack() {
    Instant now = clock.instant();
    for (Iterator<Watched> each = watched.iterator(); each.hasNext(); ) {
      Watched put = each.next();
      try {
        if (put.hasChanged()) {
          put.bringBack();
          each.remove();
          LOG.warn("inbox: {} was written to after it was read, and is read on", put.file.name());
        } else if (put.until.isBefore(now)) {
          each.remove();
        }
      } catch (NoSuchFileException gone) {
        each.remove();
      } catch (IOException notNow) {
        LOG.warn("inbox: {} was put away and cannot be looked at", put.file.name());
      }
    }
  }

  private record Watched(InboxFile file, Path target, Instant until) {

    boolean hasChanged() throws IOException {
      return !Stamp.of(target).sameContent(file.stamp());
    }

    void bringBack() throws IOException {
      try {
        Files.move(target, file.path());
      } catch (FileAlreadyExistsException another) {
        Files.move(target, file.path().resolveSibling(target.getFileName()));
      }
    }
  }
}
