package org.payerexchange.ledger.store;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;
import org.payerexchange.ledger.Hold;
import org.payerexchange.step.FailureReason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.springframework.dao.DataAccessException;

/**
 * Tells in the log that a payer or a sink is held, and that it is free again, each once. A payer
 * that has had its calls of a second or a minute is no news: it is so again and again.
 */
public final class HoldWatch {
  private static final Logger LOG = LoggerFactory.getLogger(HoldWatch.class);
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(10);

  private final Holds holds;
  private final Clock clock;
  private Set<Who> told = Set.of();
  private Instant next = Instant.MIN;

  private record Who(String kind, String name, FailureReason reason) {
    static Who of(Hold hold) {
      return new Who(hold.kind(), hold.name(), hold.reason());
    }
  }

  /** Tells of these, as this node sees them. */
  public HoldWatch(Holds holds, Clock clock) {
    this.holds = holds;
    this.clock = clock;
  }

  /** Looks, unless it did so a moment ago. While the ledger is away nothing is known. */
  public synchronized void look() {
    if (clock.instant().isBefore(next)) {
      return;
    }
    next = clock.instant().plus(BETWEEN_LOOKS);
    try {
      tell();
    } catch (DataAccessException away) {
      LOG.debug("who is held is not known: {}", away.getClass().getSimpleName());
    }
  }

  private void tell() {
    Set<Who> now = new LinkedHashSet<>();
    for (Hold hold : holds.all()) {
      if (hold.reason() != FailureReason.AT_LIMIT
          && now.add(Who.of(hold))
          && !told.contains(Who.of(hold))) {
        // a window that closes does so every day
        LOG.atLevel(hold.reason() == FailureReason.OUTSIDE_HOURS ? Level.INFO : Level.WARN)
            .log(
                "{} {} is held since {}: {}, {}{}",
                hold.kind(),
                hold.name(),
                hold.since(),
                hold.reason(),
                hold.why(),
                hold.untilInWords());
      }
    }
    told.stream()
        .filter(who -> !now.contains(who))
        .forEach(
            who -> LOG.info("{} {} is held no longer: {}", who.kind(), who.name(), who.reason()));
    told = now;
  }
}
