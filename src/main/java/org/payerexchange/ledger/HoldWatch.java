package org.payerexchange.ledger;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/** Tells in the log that a payer or a sink is held, and that it is free again, each once. */
public final class HoldWatch {
  private static final Logger LOG = LoggerFactory.getLogger(HoldWatch.class);
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(10);

  private final Holds holds;
  private final Clock clock;
  private Map<Who, Hold> told = Map.of();
  private Instant next = Instant.MIN;

  private record Who(String kind, String name, String reason) {}

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
    Map<Who, Hold> now = new LinkedHashMap<>();
    holds.all().forEach(each -> now.put(who(each), each));
    now.forEach(
        (who, hold) -> {
          if (!told.containsKey(who)) {
            LOG.warn(
                "{} {} is held: {}, {}{}",
                who.kind(),
                who.name(),
                who.reason(),
                hold.why(),
                hold.until() == null ? "" : "; until " + hold.until());
          }
        });
    told.keySet().stream()
        .filter(who -> !now.containsKey(who))
        .forEach(
            who -> LOG.info("{} {} is held no longer: {}", who.kind(), who.name(), who.reason()));
    told = now;
  }

  private static Who who(Hold hold) {
    return new Who(hold.kind(), hold.name(), hold.reason().name());
  }
}
