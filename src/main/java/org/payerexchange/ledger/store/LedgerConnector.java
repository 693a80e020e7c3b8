package org.payerexchange.ledger.store;

import com.zaxxer.hikari.HikariConfig;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;

/** Where a ledger is, and how its connections are made. */
final class LedgerConnector {
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final int CACHED_PART = 16;

  /** When H2 writes, and that it lets go of a file that is closed, is for us to say. */
  private static final Pattern OURS =
      Pattern.compile(";(WRITE_DELAY|DB_CLOSE_DELAY)=[^;]*", Pattern.CASE_INSENSITIVE);

  /** One for the history, and one for the step. */
  private static final int TO_MIGRATE = 2;

  private final String url;
  private final String user;
  private final String password;
  private final int connections;
  private final boolean forced;

  /**
   * Of a ledger.
   *
   * @param url {@code jdbc:h2:…} or {@code jdbc:postgresql:…}, whose parameters go before ours
   * @param connections most connections open at once
   * @param forced whether an H2 file is forced to the disk at each commit
   */
  LedgerConnector(String url, String user, String password, int connections, boolean forced) {
    this.url = url;
    this.user = user;
    this.password = password;
    this.connections = connections;
    this.forced = forced;
  }

  /** Where it is. */
  String url() {
    return url;
  }

  /** Whether this is H2, which one process has to itself. */
  boolean isEmbedded() {
    return url.startsWith("jdbc:h2:");
  }

  /**
   * Connects for work.
   *
   * @throws RuntimeException if the database cannot be reached
   */
  LedgerPool connect() {
    HikariConfig config = config(forced && isEmbedded() ? ForcedFiles.url(url) : url);
    config.setMaximumPoolSize(connections);
    if (!isEmbedded()) {
      config.addDataSourceProperty(
          "socketTimeout", String.valueOf(LedgerDatabase.SILENCE.toSeconds()));
      // or a machine that is paused, or gone, in the middle of a claim holds up all nodes
      config.setConnectionInitSql(
          "SET idle_in_transaction_session_timeout = " + LedgerDatabase.STANDSTILL.toMillis());
    }
    return new LedgerPool(config);
  }

  /**
   * Connects to bring the schema up to date: a statement may take hours, while another connection
   * waits in a transaction. It waits a moment for a lock, since all others wait behind it.
   */
  LedgerPool connectToMigrate() {
    HikariConfig config = config(url);
    config.setConnectionInitSql("SET lock_timeout = " + LockedTables.IN_THE_WAY.toMillis());
    return toMigrate(config);
  }

  /** Connects to bring another H2 file up to date. It is not forced. */
  LedgerPool connectToMigrate(String otherUrl) {
    return toMigrate(config(otherUrl));
  }

  private static LedgerPool toMigrate(HikariConfig config) {
    config.setMaximumPoolSize(TO_MIGRATE);
    return new LedgerPool(config);
  }

  private HikariConfig config(String of) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("ledger");
    // by name: in OSGi no driver announces itself
    config.setDriverClassName(isEmbedded() ? "org.h2.Driver" : "org.postgresql.Driver");
    config.setJdbcUrl(isEmbedded() ? withLedgerSettings(of) : of);
    config.setUsername(user);
    config.setPassword(passwords());
    config.setConnectionTimeout(CONNECT.toMillis());
    if (!isEmbedded()) {
      config.addDataSourceProperty("tcpKeepAlive", "true");
    }
    return config;
  }

  /** H2 wants a file's password, a blank, and the user's, which may be empty. */
  private String passwords() {
    boolean encrypted = url.toUpperCase(Locale.ROOT).contains(";CIPHER=");
    return encrypted && password.indexOf(' ') < 0 ? password + ' ' : password;
  }

  private static String withLedgerSettings(String url) {
    StringBuilder complete = new StringBuilder(OURS.matcher(url).replaceAll(""));
    for (String setting :
        new String[] {
          // without it a halt loses committed rows
          "WRITE_DELAY=0",
          "MODE=PostgreSQL",
          "RETENTION_TIME=" + H2File.RETENTION.toMillis(),
          "DATABASE_TO_LOWER=TRUE",
          "DEFAULT_NULL_ORDERING=HIGH",
          // or a subquery that names no outer row keeps its first answer for the rest of a commit
          "OPTIMIZE_REUSE_RESULTS=0",
          // statements with what they hold, in a file of its own, or else a stack trace on stderr
          "TRACE_LEVEL_FILE=0",
          "LOCK_TIMEOUT=30000",
          // in KB; by itself 16 MB, which do not hold the keys that intake looks for
          "CACHE_SIZE=" + Runtime.getRuntime().maxMemory() / CACHED_PART / 1024,
          // statements that a connection keeps prepared: all of the ledger's
          "QUERY_CACHE_SIZE=256",
          // the launcher closes it, after the routes have stopped
          "DB_CLOSE_ON_EXIT=FALSE"
        }) {
      String name = ";" + setting.substring(0, setting.indexOf('=') + 1);
      if (!complete.toString().toUpperCase(Locale.ROOT).contains(name)) {
        complete.append(';').append(setting);
      }
    }
    return complete.toString();
  }
}
