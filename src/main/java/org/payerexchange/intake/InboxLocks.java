package org.payerexchange.intake;

import java.time.Duration;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.processor.idempotent.jdbc.JdbcOrphanLockAwareIdempotentRepository;
import org.payerexchange.ledger.store.ItemEnds;
import org.payerexchange.ledger.store.LedgerDatabase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Which node reads which file of a shared inbox: a row for each file that is being read, kept young
 * by the node that reads it. A row that grew old belonged to a node that died, and is removed by
 * the next node that wants the file.
 *
 * <p>Camel's own way with such a row is to take it over, but then neither keeps it young nor stops
 * two nodes from taking it at once. Here it is removed and made anew, in a transaction that the
 * second of two nodes cannot commit. Nor does Camel's own clock count, which is each node's, but
 * the database's, as for all leases.
 */
public final class InboxLocks extends JdbcOrphanLockAwareIdempotentRepository {
  private static final Logger LOG = LoggerFactory.getLogger(InboxLocks.class);
  private static final String TABLE = "inbox_lock";

  /** The database's time, where Camel gives its own. */
  private static final String NOW =
      "COALESCE(CURRENT_TIMESTAMP, CAST(? AS TIMESTAMP WITH TIME ZONE))";

  private final LedgerDatabase database;
  private final Duration maxAge;
  private final ItemEnds ends;

  /**
   * Locks in the ledger's database.
   *
   * @param maxAge how long a node may say nothing before it counts as dead
   */
  public InboxLocks(LedgerDatabase database, Duration maxAge, CamelContext camelContext) {
    super(database.dataSource(), transactions(database.dataSource()), "inbox", camelContext);
    // Camel would write by this class's name, with a stack trace, what it cannot keep young while
    // the ledger is away; by its own it is silent, and LedgerWatch says it once
    log = LoggerFactory.getLogger(JdbcOrphanLockAwareIdempotentRepository.class);
    this.database = database;
    this.maxAge = maxAge;
    this.ends = new ItemEnds(database, "file");
    setTableName(TABLE);
    setCreateTableIfNotExists(false);
    setInsertString(
        "INSERT INTO inbox_lock (processorName, messageId, createdAt) VALUES (?, ?, %s)"
            .formatted(NOW));
    setUpdateTimestampQuery(
        "UPDATE inbox_lock SET createdAt = %s WHERE processorName = ? AND messageId = ?"
            .formatted(NOW));
    setLockMaxAgeMillis(maxAge.toMillis());
    setLockKeepAliveIntervalMillis(maxAge.toMillis() / 5);
  }

  private static TransactionTemplate transactions(DataSource dataSource) {
    TransactionTemplate transactions =
        new TransactionTemplate(new DataSourceTransactionManager(dataSource));
    transactions.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
    return transactions;
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    if (database.embedded()) {
      // One process has the database to itself: whoever held a lock is gone.
      jdbcTemplate
          .queryForList(
              "SELECT messageId FROM inbox_lock WHERE processorName = ?",
              String.class,
              processorName)
          .forEach(this::ended);
      clear();
    }
  }

  private void ended(String key) {
    LOG.warn("inbox: {} was being read by a process that is gone, and is read anew", key);
    ends.count(key);
  }

  /** How often a process ended while it read the file. */
  ItemEnds ends() {
    return ends;
  }

  @Override
  protected int queryForInt(String key) {
    int dead =
        jdbcTemplate.update(
            """
            DELETE FROM inbox_lock WHERE processorName = ? AND messageId = ?
              AND createdAt < CURRENT_TIMESTAMP - CAST(? AS DOUBLE PRECISION) * INTERVAL '1' SECOND""",
            processorName,
            key,
            maxAge.toMillis() / 1e3);
    if (dead > 0) {
      ended(key);
    }
    return jdbcTemplate.queryForObject(getQueryString(), Integer.class, processorName, key);
  }
}
