package org.payerexchange.ledger.store;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.payerexchange.ledger.LedgerListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The ledger's database, migrated and ready. */
public final class LedgerDatabase implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LedgerDatabase.class);

  /** The database's time so many {@link #seconds} from now. */
  static final String FROM_NOW =
      "CURRENT_TIMESTAMP + CAST(? AS DOUBLE PRECISION) * INTERVAL '1' SECOND";

  /**
   * Of a step that somebody has, however late it is: H2 finds by an index what is later than
   * something, and reads all steps for what is not NULL.
   */
  static final String LEASED = "lease_until > TIMESTAMP WITH TIME ZONE '2000-01-01 00:00:00+00'";

  private static final String GIVE_BACK =
      "UPDATE step SET lease_owner = NULL, lease_until = NULL, due_at = CURRENT_TIMESTAMP WHERE "
          + LEASED;

  /** How long a database may say nothing; by itself one may wait for ever. */
  static final Duration SILENCE = Duration.ofMinutes(5);

  /** How long a node may stand still in the middle of a change, with what it has locked. */
  static final Duration STANDSTILL = Duration.ofMinutes(1);

  private static final int DETAIL_LENGTH = 1000;
  private static final int BATCH = 1000;

  /** More leases than are given within the seconds that a disk which is not forced may lose. */
  private static final int TOKENS_LOST = 10_000;

  /** Few, since each number of rows is a statement of its own to be kept prepared. */
  private static final int[] INSERTED_AT_ONCE = {50, 10};

  private final LedgerPool dataSource;
  private final boolean embedded;
  private final Optional<Path> file;
  private final JdbcTemplate template;
  private final JdbcClient jdbc;
  private final Changes changes;
  private final List<Runnable> beforeClose = new CopyOnWriteArrayList<>();
  private final List<LedgerListener> listeners = new CopyOnWriteArrayList<>();

  private LedgerDatabase(LedgerPool dataSource, boolean embedded, boolean forced) {
    this.dataSource = dataSource;
    this.embedded = embedded;
    this.template = new JdbcTemplate(dataSource);
    this.jdbc = JdbcClient.create(template);
    TransactionTemplate transactions =
        new TransactionTemplate(new JdbcTransactionManager(dataSource));
    if (embedded) {
      H2File h2 = new H2File(dataSource, forced);
      this.file = h2.path();
      this.changes = new SharedCommits(transactions, h2);
    } else {
      this.file = Optional.empty();
      this.changes = Changes.apart(transactions);
    }
  }

  /** The same, with an H2 database forced to the disk. */
  public static LedgerDatabase open(String url, String user, String password, int connections) {
    return open(url, user, password, connections, true);
  }

  /**
   * Opens and migrates the database. An H2 URL gets the settings that the ledger depends on, and
   * all leases of an H2 database end: whoever held them is gone.
   *
   * @param url {@code jdbc:h2:…} or {@code jdbc:postgresql:…}, whose parameters go before ours
   * @param connections most connections open at once
   * @param forced whether a change outlives a power cut once it is made; a PostgreSQL knows by
   *     itself
   * @throws RuntimeException if the database is not reachable or cannot be migrated
   */
  public static LedgerDatabase open(
      String url, String user, String password, int connections, boolean forced) {
    LedgerConnector connector = new LedgerConnector(url, user, password, connections, forced);
    boolean embedded = connector.isEmbedded();
    if (embedded) {
      H2File.endlessLoopsFail();
    }
    LedgerPool pool = LedgerMigrations.migrated(connector);
    try {
      LedgerDatabase database = new LedgerDatabase(pool, embedded, forced);
      if (embedded) {
        database.change(database::endAllLeases);
      }
      return database;
    } catch (RuntimeException e) {
      pool.close();
      throw e;
    }
  }

  /** For others' tables in the same database, such as the inbox's file locks. */
  public DataSource dataSource() {
    return dataSource;
  }

  /** The same, as a bean factory: those of YAML are static. */
  public static DataSource dataSourceOf(LedgerDatabase database) {
    return database.dataSource();
  }

  /** Whether this is H2, which one process has to itself. */
  public boolean embedded() {
    return embedded;
  }

  /** Whether its tables can be read now. */
  public boolean answers() {
    try {
      jdbc.sql("SELECT id FROM transfer FETCH FIRST ROW ONLY").query().listOfRows();
      return true;
    } catch (DataAccessException e) {
      return false;
    }
  }

  /** What its clock shows. */
  Instant time() {
    return jdbc.sql("SELECT CURRENT_TIMESTAMP").query(OffsetDateTime.class).single().toInstant();
  }

  /** Commits a change that means nothing. */
  void probe() {
    change(() -> jdbc.sql("UPDATE ledger_probe SET written_at = CURRENT_TIMESTAMP").update());
  }

  /** Where an embedded database keeps its file, if it has one. */
  public Optional<Path> file() {
    return file;
  }

  /**
   * Writes an embedded database, as it is now, into a zip; encrypted if it is.
   *
   * @param zip written over
   */
  public void backUp(Path zip) {
    jdbc.sql("BACKUP TO ?").param(zip.toAbsolutePath().toString()).update();
  }

  /** Does something more as long as there is a ledger. */
  void beforeClose(Runnable work) {
    beforeClose.add(work);
  }

  /**
   * Gives back all that a node has leased, which is due at once. Whoever cancels a transfer locks
   * steps in another order: what somebody has locked is given back by itself.
   */
  void giveBack(String node) {
    String own = " AND lease_owner = ?";
    if (embedded) {
      change(() -> update(GIVE_BACK + own, node));
      return;
    }
    String steps = "SELECT id FROM step WHERE " + LEASED + own + " ORDER BY id";
    change(
        () -> update(GIVE_BACK + " AND id IN (%s FOR UPDATE SKIP LOCKED)".formatted(steps), node));
    for (Long step : jdbc.sql(steps).param(node).query(Long.class).list()) {
      change(() -> update(GIVE_BACK + own + " AND id = ?", node, step));
    }
  }

  /** Gives back one step, where a node still has it by this token; within the caller's change. */
  int giveBack(String node, long step, long token) {
    return update(
        GIVE_BACK + " AND lease_owner = ? AND id = ? AND lease_token = ?", node, step, token);
  }

  @Override
  public void close() {
    beforeClose.forEach(Runnable::run);
    changes.close();
    dataSource.close();
  }

  JdbcClient jdbc() {
    return jdbc;
  }

  /** Shows its connections in a registry. */
  public void measure(MeterRegistry meters) {
    dataSource.measure(meters);
  }

  /** Tells somebody of changes from now on. */
  public void tell(LedgerListener whom) {
    listeners.add(whom);
  }

  /** Tells of the change that is being made, once it is committed. */
  void tellOf(Consumer<LedgerListener> what) {
    changes.afterCommit(() -> listeners.forEach(listener -> tell(listener, what)));
  }

  private static void tell(LedgerListener listener, Consumer<LedgerListener> what) {
    try {
      what.accept(listener);
    } catch (RuntimeException notTold) {
      // it is committed all the same
      LOG.warn("A change of the ledger is told to nobody", notTold);
    }
  }

  /** Whether a query finds a row. */
  boolean finds(String sql, Object... values) {
    return !jdbc.sql(sql).params(values).query((row, at) -> true).list().isEmpty();
  }

  /** Runs a statement that changes rows; how many it changed. */
  int update(String sql, Object... values) {
    return jdbc.sql(sql).params(values).update();
  }

  /** Runs one statement for each row of values. */
  int[] batch(String sql, List<Object[]> rows) {
    int[] updated = new int[rows.size()];
    for (int from = 0; from < rows.size(); from += BATCH) {
      List<Object[]> part = rows.subList(from, Math.min(from + BATCH, rows.size()));
      System.arraycopy(template.batchUpdate(sql, part), 0, updated, from, part.size());
    }
    return updated;
  }

  /**
   * Inserts rows, as many with a statement as one may have.
   *
   * @param into the table with its columns
   * @param row a row with its places for values
   */
  void insert(String into, String row, List<Object[]> rows) {
    int end;
    for (int from = 0; from < rows.size(); from = end) {
      int left = rows.size() - from;
      end =
          from
              + Arrays.stream(INSERTED_AT_ONCE)
                  .filter(most -> most <= left)
                  .findFirst()
                  .orElse(left);
      List<Object[]> part = rows.subList(from, end);
      jdbc.sql(
              "INSERT INTO %s VALUES %s"
                  .formatted(into, String.join(", ", Collections.nCopies(part.size(), row))))
          .params(part.stream().flatMap(Arrays::stream).toList())
          .update();
    }
  }

  /** What time it is; that of a transaction may be as old as it has waited for a lock. */
  String now() {
    return embedded ? "CURRENT_TIMESTAMP" : "clock_timestamp()";
  }

  /**
   * What a query that locks its row ends with. Changes of H2 are made one after the other anyway.
   */
  String forUpdate() {
    return embedded ? "" : "FOR UPDATE";
  }

  /**
   * Has changes of one name made one after the other, until they end. Changes of H2 are anyway.
   *
   * @param name what they have in common
   */
  void oneByOne(String name) {
    if (!embedded) {
      jdbc.sql("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))")
          .param(name)
          .query((row, at) -> name)
          .single();
    }
  }

  /**
   * Has changes of one name made beside each other, but not beside one that is made {@link
   * #oneByOne}.
   */
  void together(String name) {
    if (!embedded) {
      jdbc.sql("SELECT pg_advisory_xact_lock_shared(hashtextextended(?, 0))")
          .param(name)
          .query((row, at) -> name)
          .single();
    }
  }

  /** Makes one change of the ledger: all of it, or where it answers {@code false} nothing. */
  boolean transition(BooleanSupplier work) {
    return changes.make(work::getAsBoolean, done -> done);
  }

  /** Makes one change of the ledger. */
  <T> T change(Supplier<T> work) {
    return changes.make(work, result -> true);
  }

  /** Leases rows to this process; see {@link Changes#lease}. */
  <T> T lease(Supplier<T> work) {
    return changes.lease(work);
  }

  /** So many places for values. */
  static String values(int count) {
    return String.join(", ", Collections.nCopies(count, "?"));
  }

  /** The same values, the last repeated: few texts of a statement serve lists of any length. */
  static <T> List<T> padded(List<T> values) {
    int places = Integer.highestOneBit(2 * values.size() - 1);
    List<T> padded = new ArrayList<>(values);
    padded.addAll(Collections.nCopies(places - values.size(), values.get(values.size() - 1)));
    return padded;
  }

  static double seconds(Duration time) {
    return time.toNanos() / 1e9;
  }

  /**
   * As drivers take it.
   *
   * @param time null for none
   */
  static OffsetDateTime time(Instant time) {
    return time == null ? null : time.atOffset(ZoneOffset.UTC);
  }

  /** Cuts a text to what a detail column holds. */
  static String shortened(String detail) {
    return detail == null || detail.length() <= DETAIL_LENGTH
        ? detail
        : detail.substring(0, DETAIL_LENGTH - 1) + "…";
  }

  /** All at once: what was counted and is still leased would be counted again. */
  Void endAllLeases() {
    new LostEnds(this).countLeased();
    jdbc.sql(GIVE_BACK).update();
    // a lease that was given in the last moment may not have been written down
    long next = jdbc.sql("SELECT nextval('lease_token')").query(Long.class).single() + TOKENS_LOST;
    jdbc.sql("ALTER SEQUENCE lease_token RESTART WITH " + next).update();
    return null;
  }
}
