package org.payerexchange.boot;

import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import org.apache.camel.CamelContext;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.delivery.Sinks;
import org.payerexchange.ledger.store.Holds;
import org.payerexchange.ledger.store.LedgerDatabase;
import org.payerexchange.ledger.store.OperatorLedger;
import org.payerexchange.ledger.store.Pauses;
import org.payerexchange.ledger.store.RequestQueries;
import org.payerexchange.ledger.store.TokenHolds;
import org.payerexchange.report.Report;

/**
 * Opens the ledger by {@code p2p.database.*}. The keys are read here rather than named in the YAML,
 * since Camel builds a bean's parameters into one text, which a password's quotes and commas would
 * break.
 */
public final class LedgerConfiguration {
  private static final String ZONE = "p2p.report.zone";
  private static final int TRIES = 3;

  /** One that reads while the other changes. */
  private static final int CONNECTIONS_TO_LOOK = 2;

  private LedgerConfiguration() {}

  /**
   * Opens and migrates the database. An H2 file that is in use is tried again, a second apart: a
   * command may be looking at it.
   *
   * @throws RuntimeException if it cannot be reached
   */
  public static LedgerDatabase open(CamelContext context) {
    Settings settings = new Settings(context);
    int tries = 1;
    while (true) {
      try {
        return database(settings);
      } catch (RuntimeException e) {
        if (tries == TRIES || !Failures.isDatabaseInUse(e)) {
          throw e;
        }
        tries++;
      }
    }
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

  /** What became of requests, with days as {@code p2p.report.zone} has them. */
  public static Report report(Settings settings, LedgerDatabase database, Clock clock) {
    return new Report(
        new RequestQueries(database),
        new OperatorLedger(database),
        clock,
        ZoneId.of(settings.text(ZONE)));
  }

  /** A zone that Java does not know. */
  static Optional<String> zoneProblem(Settings settings) {
    try {
      ZoneId.of(settings.text(ZONE));
      return Optional.empty();
    } catch (DateTimeException unknown) {
      return Optional.of(ZONE + ": is no time zone such as America/New_York");
    }
  }

  /**
   * Opens and migrates the database.
   *
   * @throws RuntimeException if it cannot be reached
   */
  public static LedgerDatabase database(Settings settings) {
    return database(
        settings,
        settings.text("p2p.database.url"),
        settings.number("p2p.database.max-connections"));
  }

  /**
   * The same for whoever only looks at it or acts on it: an H2 file that is not there is not made.
   *
   * @throws IllegalArgumentException naming the key and the folder, if there is none
   */
  public static LedgerDatabase existing(Settings settings) {
    String url = settings.text("p2p.database.url");
    try {
      return database(
          settings, url.startsWith("jdbc:h2:") ? url + ";IFEXISTS=TRUE" : url, CONNECTIONS_TO_LOOK);
    } catch (RuntimeException e) {
      if (Failures.isDatabaseMissing(e)) {
        throw new IllegalArgumentException(
            "p2p.database.url: there is no ledger at %s, seen from %s: nothing has run with it yet, or it is another folder's"
                .formatted(url.replaceFirst(";.*", ""), Path.of("").toAbsolutePath()));
      }
      throw e;
    }
  }

  private static LedgerDatabase database(Settings settings, String url, int connections) {
    return LedgerDatabase.open(
        url,
        settings.text("p2p.database.user"),
        settings.text("p2p.database.password"),
        connections,
        settings.flag("p2p.database.fsync"));
  }

  /**
   * Whether a payer or a sink of this name is configured, or is in the ledger; nothing else of it
   * is read.
   */
  public static BiPredicate<TokenClient.Kind, String> peers(
      Settings settings, LedgerDatabase database) {
    Set<String> payers = PayerConfiguration.ids(settings);
    Set<String> sinks = Set.copyOf(settings.sinks().names());
    BiPredicate<TokenClient.Kind, String> configured =
        (kind, name) -> (kind == TokenClient.Kind.PAYER ? payers : sinks).contains(name);
    return configured.or(new Pauses(database)::isKnown);
  }
}
