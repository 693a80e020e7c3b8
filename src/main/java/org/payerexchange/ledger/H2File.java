package org.payerexchange.ledger;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.h2.engine.Session;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.MVStore;

/**
 * Keeps an H2 file private and small. With WRITE_DELAY=0 H2 has no thread that moves together what
 * is left of old chunks, so that each commit would make the file longer for ever. Their space is
 * used again after H2's RETENTION_TIME; that may be short because all is forced to the disk before.
 */
final class H2File {
  static final Duration RETENTION = Duration.ofSeconds(5);

  private static final Duration PAUSE = Duration.ofSeconds(2);
  private static final int FILL_PERCENT = 50;
  private static final int MOST_BYTES = 16 * 1024 * 1024;

  private final MVStore store;
  private long last = System.nanoTime();

  private H2File(MVStore store) {
    this.store = store;
  }

  /** The file behind the connections; others than its owner cannot read it any more. */
  static H2File of(DataSource dataSource) {
    try (Connection connection = dataSource.getConnection()) {
      Session any = connection.unwrap(JdbcConnection.class).getSession();
      if (!(any instanceof SessionLocal session)) {
        throw new IllegalArgumentException("an H2 ledger must be embedded: jdbc:h2:file:…");
      }
      MVStore store = session.getDatabase().getStore().getMvStore();
      if (store.getFileStore() != null) {
        keepPrivate(Path.of(store.getFileStore().getFileName()));
      }
      return new H2File(store);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** To be called before each commit, by one thread. */
  void commitComes() {
    if (System.nanoTime() - last > PAUSE.toNanos()) {
      store.sync();
      store.compact(FILL_PERCENT, MOST_BYTES);
      last = System.nanoTime();
    }
  }

  private static void keepPrivate(Path file) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    if (view != null && Files.exists(file)) {
      view.setPermissions(PosixFilePermissions.fromString("rw-------"));
    }
  }
}
