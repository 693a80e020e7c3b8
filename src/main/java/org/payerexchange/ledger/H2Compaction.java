package org.payerexchange.ledger;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.MVStore;

/**
 * Keeps an H2 file small. With WRITE_DELAY=0 H2 has no thread that moves together what is left of
 * old chunks, so that each commit would make the file longer for ever. Their space is used again
 * after H2's RETENTION_TIME; that may be short because all is forced to the disk before.
 */
final class H2Compaction {
  static final Duration RETENTION = Duration.ofSeconds(5);

  private static final Duration PAUSE = Duration.ofSeconds(2);
  private static final int FILL_PERCENT = 50;
  private static final int MOST_BYTES = 16 * 1024 * 1024;

  private final MVStore store;
  private long last = System.nanoTime();

  private H2Compaction(MVStore store) {
    this.store = store;
  }

  static H2Compaction of(DataSource dataSource) {
    try (Connection connection = dataSource.getConnection()) {
      SessionLocal session = (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
      return new H2Compaction(session.getDatabase().getStore().getMvStore());
    } catch (SQLException e) {
      throw new IllegalStateException("not an H2 database in this process", e);
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
}
