package org.payerexchange.runtime;

import org.apache.camel.CamelContext;
import org.payerexchange.ledger.LedgerDatabase;

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
    return open(new Settings(context));
  }

  static LedgerDatabase open(Settings settings) {
    return LedgerDatabase.open(
        settings.text("p2p.database.url"),
        settings.text("p2p.database.user"),
        settings.text("p2p.database.password"),
        Integer.parseInt(settings.text("p2p.database.max-connections")));
  }
}
