package org.payerexchange.ledger.store;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * What the last look at the ledger showed: whether it answers, whether changes are committed, and
 * whether its clock and the node's agree. Leases go by the database's clock, consents and deadlines
 * by the node's; a node that is far from it would take a consent for over that is not.
 */
public final class LedgerWatch {
  private static final Duration MOST_SKEW = Duration.ofSeconds(30);
  private static final Duration PROBE_EVERY = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Logger LOG = LoggerFactory.getLogger(LedgerWatch.class);

  private final LedgerDatabase database;
  private final Clock clock;
  private volatile boolean answers = true;
  private volatile Instant lookedAt;
  private volatile Instant failingSince;
  private volatile Duration skew = Duration.ZERO;
  private Instant nextProbe = Instant.MIN;

  /** Watches this ledger by the node's clock. */
  public LedgerWatch(LedgerDatabase database, Clock clock) {
    this.database = database;
    this.clock = clock;
    this.lookedAt = clock.instant();
  }

  /** Looks once; by one thread at a time. */
  public void look() {
    boolean before = answers;
    answers = database.answers();
    if (answers) {
      compareClocks();
    }
    if (before && !answers) {
      LOG.error("the ledger's database does not answer: intake and all work wait until it does");
    } else if (!before && answers) {
      LOG.info("the ledger's database answers again");
    }
    if (answers || database.embedded()) {
      probe();
    } else {
      failingSince = null;
    }
    lookedAt = clock.instant();
  }

  /** Whether the ledger could be read. */
  public boolean answers() {
    return answers;
  }

  /** Whether a change was committed when it was last tried. */
  public boolean commits() {
    return failingSince == null;
  }

  /**
   * Whether no change has been committed for so long that the process had better be started anew. A
   * PostgreSQL that does not answer at all is no reason: it comes back without that. An H2 ledger
   * that lets no look end, or holds the threads that would look, is one.
   */
  public boolean isStuck() {
    return isLongAgo(failingSince) || (database.embedded() && isLongAgo(lookedAt));
  }

  /** How far apart the clocks are, where that is too far. */
  public Optional<String> skew() {
    Duration now = skew;
    return agrees(now)
        ? Optional.empty()
        : Optional.of(
            "the node's clock is %s s %s the database's; set both by NTP, nothing is begun until then"
                .formatted(now.abs().toSeconds(), now.isNegative() ? "behind" : "ahead of"));
  }

  /** Whether what depends on the time of day may be begun. */
  public boolean clocksAgree() {
    return agrees(skew);
  }

  private static boolean agrees(Duration skew) {
    return skew.abs().compareTo(MOST_SKEW) <= 0;
  }

  private boolean isLongAgo(Instant since) {
    return since != null && !clock.instant().isBefore(since.plus(PATIENCE));
  }

  private void compareClocks() {
    boolean before = clocksAgree();
    try {
      Instant asked = clock.instant();
      Instant there = database.time();
      Instant answered = clock.instant();
      skew = distance(there, asked, answered);
    } catch (DataAccessException | TransactionException away) {
      answers = false;
    }
    if (before && !clocksAgree()) {
      LOG.error("{}", skew().orElseThrow());
    }
  }

  /** From the time that is told to the nearest at which it may have been told. */
  private static Duration distance(Instant there, Instant asked, Instant answered) {
    if (there.isBefore(asked)) {
      return Duration.between(there, asked);
    }
    return there.isAfter(answered) ? Duration.between(there, answered) : Duration.ZERO;
  }

  private void probe() {
    Instant now = clock.instant();
    if (commits() && now.isBefore(nextProbe)) {
      return;
    }
    nextProbe = now.plus(PROBE_EVERY);
    try {
      database.probe();
      failingSince = null;
    } catch (DataAccessException | TransactionException failed) {
      if (commits()) {
        failingSince = now;
        LOG.error("nothing is committed to the ledger any more: is its disk full?");
      }
    }
  }
}
