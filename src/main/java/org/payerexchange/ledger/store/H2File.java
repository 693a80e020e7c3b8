package org.payerexchange.ledger.store;

import com.google.common.base.Throwables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.h2.engine.Database;
import org.h2.engine.Session;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.store.fs.FilePath;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessResourceFailureException;

/**
 * Keeps an H2 file private and small. With WRITE_DELAY=0 H2 has no thread that moves together what
 * is left of old chunks, so that each commit would make the file longer for ever. Their space is
 * used again after H2's RETENTION_TIME; that may be short because all is forced to the disk before.
 * H2 writes each commit and forces none: that is done here, if it is wanted.
 */
final class H2File {
  static final Duration RETENTION = Duration.ofSeconds(5);

  static final Duration PAUSE = Duration.ofSeconds(2);
  private static final Duration REOPEN_EVERY = Duration.ofSeconds(1);
  private static final Duration TELL_EVERY = Duration.ofMinutes(1);
  private static final int FILL_PERCENT = 50;
  private static final int MOST_BYTES = 16 * 1024 * 1024;

  /** Of so many bytes at once, which nobody waits for long, all are the least filled chunks. */
  private static final int MOST_BYTES_WHILE_BUSY = 2 * 1024 * 1024;

  /** So many commits in a pause are busy. */
  private static final int BUSY = 20;

  private static final Logger LOG = LoggerFactory.getLogger(H2File.class);

  private final LedgerPool pool;
  private final boolean forced;
  private Database database;
  private MVStore store;
  private long last = System.nanoTime();
  private int commits;
  private long opened = System.nanoTime();
  private long told = opened - TELL_EVERY.toNanos();

  /**
   * The file behind the connections; others than its owner cannot read it any more.
   *
   * @param forced whether each commit outlives a power cut
   */
  H2File(LedgerPool pool, boolean forced) {
    this.pool = pool;
    this.forced = forced;
    look();
  }

  /**
   * To be called before H2 opens its first file. A session that goes on after its file was closed
   * may wait for ever for a version that does not come; an assertion of H2 knows that, and ends it.
   */
  static void endlessLoopsFail() {
    Database.class.getClassLoader().setClassAssertionStatus(MVStore.class.getName(), true);
  }

  private void look() {
    try (Connection connection = pool.getConnection()) {
      Session any = connection.unwrap(JdbcConnection.class).getSession();
      if (!(any instanceof SessionLocal session)) {
        throw new IllegalArgumentException("an H2 ledger must be embedded: jdbc:h2:file:…");
      }
      database = session.getDatabase();
      store = database.getStore().getMvStore();
      Optional<Path> file = path();
      if (file.isPresent()) {
        keepPrivate(file.get());
        if (forced) {
          forceName(file.get());
        }
      }
    } catch (SQLException e) {
      throw new DataAccessResourceFailureException("the H2 ledger cannot be opened", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where it is; empty for one in memory. */
  Optional<Path> path() {
    return Optional.ofNullable(store.getFileStore())
        .map(file -> Path.of(FilePath.get(file.getFileName()).unwrap().toString()));
  }

  /**
   * To be called before each commit, by one thread. A file that H2 has closed, as it does at once
   * where a write fails, is opened again: all that was committed is in it, and nothing else counts.
   *
   * @throws RuntimeException if it cannot be opened
   */
  void commitComes() {
    if (store.isClosed()) {
      refuseToOpenTooOften();
      // a connection of before that was used later would have H2 forget that the file is open again
      pool.reopen(this::shutDown);
      look();
      tell();
    }
    commits++;
    if (System.nanoTime() - last > PAUSE.toNanos()) {
      closingAtFailure(
          () -> {
            store.sync();
            store.compact(FILL_PERCENT, commits > BUSY ? MOST_BYTES_WHILE_BUSY : MOST_BYTES);
          });
      last = System.nanoTime();
      commits = 0;
    }
  }

  private void shutDown() {
    database.shutdownImmediately();
    if (forced && store.getFileStore() != null) {
      ForcedFiles.putInOrder(store.getFileStore().getFileName());
    }
  }

  /**
   * To be called after each commit, by the same thread: when this returns, a power cut does not
   * take it.
   *
   * @throws DataAccessResourceFailureException if the disk did not take it, which closes the file
   */
  void commitIsMade() {
    if (!forced) {
      return;
    }
    closingAtFailure(store::sync);
  }

  /**
   * To be told of each change that fails: a file that cannot be read, such as one that a reader's
   * interrupt has closed beneath H2, is closed, to be opened again. H2 does so by itself only where
   * it cannot write.
   */
  void failed(Throwable change) {
    if (Throwables.getCausalChain(change).stream().anyMatch(H2File::isUnread)) {
      store.closeImmediately();
    }
  }

  private static boolean isUnread(Throwable cause) {
    return cause instanceof MVStoreException failure
        && failure.getErrorCode() == DataUtils.ERROR_READING_FAILED;
  }

  /** What H2 has in memory may be ahead of the disk; and a file that was closed stays closed. */
  private void closingAtFailure(Runnable work) {
    try {
      work.run();
    } catch (MVStoreException e) {
      store.closeImmediately();
      throw new DataAccessResourceFailureException("the H2 ledger cannot be read or written", e);
    }
  }

  /** A disk that stays full closes it again at once: whoever waits meanwhile is told so. */
  private void refuseToOpenTooOften() {
    long now = System.nanoTime();
    if (now - opened < REOPEN_EVERY.toNanos()) {
      throw new DataAccessResourceFailureException("the H2 ledger is closed");
    }
    opened = now;
  }

  private void tell() {
    if (opened - told > TELL_EVERY.toNanos()) {
      LOG.warn("the H2 ledger, which a failed write had closed, was opened again");
      told = opened;
    }
  }

  /** A new file is there after a power cut once its folder is forced, and a new folder likewise. */
  private static void forceName(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    for (int up = 0; up < 2 && folder != null && Files.isReadable(folder); up++) {
      try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
        names.force(true);
      }
      folder = folder.getParent();
    }
  }

  private static void keepPrivate(Path file) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    if (view != null && Files.exists(file)) {
      view.setPermissions(PosixFilePermissions.fromString("rw-------"));
    }
  }
}
