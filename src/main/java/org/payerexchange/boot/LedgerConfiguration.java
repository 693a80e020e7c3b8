package org.payerexchange.boot;

import org.apache.camel.CamelContext;
import org.payerexchange.delivery.Sinks;
import org.payerexchange.ledger.Holds;
import org.payerexchange.ledger.LedgerDatabase;
import org.payerexchange.ledger.TokenHolds;

/**
 * Opens the ledger by {@code p2p.database.*}. The keys are read here rather than named in the YAML,
 * since Camel builds a bean's parameters into one text, which a password's quotes and commas would
 * break.
 */
public final class LedgerConfiguration {
  private LedgerConfiguration() {}

  /**
   * Opens and migrates the database.
   *
   * @throws RuntimeException if it cannot be reached
   */
  public static LedgerDatabase open(CamelContext context) {
    return database(new Settings(context));
  }

  /** What is held for its token endpoint, by {@code p2p.token.*}. */
  public static TokenHolds tokenHolds(Settings settings, LedgerDatabase database) {
    return new TokenHolds(
        database,
        settings.duration("p2p.token.refusal-memory"),
        settings.durationIfSet("p2p.token.refused-deadline"));
  }

  /** All that transfers wait for, as a node with these settings sees it. */
  public static Holds holds(Settings settings, LedgerDatabase database, TokenHolds tokenHolds) {
    return new Holds(database, tokenHolds, settings.sinks().names(), Sinks::key);
  }

  /**
   * Opens and migrates the database.
   *
   * @throws RuntimeException if it cannot be reached
   */
  public static LedgerDatabase database(Settings settings) {
    return LedgerDatabase.open(
        settings.text("p2p.database.url"),
        settings.text("p2p.database.user"),
        settings.text("p2p.database.password"),
        settings.number("p2p.database.max-connections"),
        settings.flag("p2p.database.fsync"));
  }
}
