package org.payerexchange.http;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS with one peer, by its store files as they are now: before each call they are looked at, and
 * read again once they have changed. Where they cannot be used then, what was read before stays in
 * use, and it is told; they are tried again every few seconds, since time or a disk may be all that
 * has to change. Safe for any number of threads.
 */
public final class PeerTls {
  private static final Logger LOG = LoggerFactory.getLogger(PeerTls.class);

  private static final Duration TRIED_AGAIN_AFTER = Duration.ofSeconds(5);

  private final TlsStores stores;
  private final CamelContext camel;
  private final Clock clock;
  private TlsIdentity identity;
  private String stamp;
  private Optional<String> problem = Optional.empty();
  private Instant triedAgain = Instant.MAX;

  /**
   * Reads them for the first time.
   *
   * @param stores at least one of them
   * @throws IllegalArgumentException naming the key of a store that cannot be used
   */
  public PeerTls(TlsStores stores, CamelContext camel, Clock clock) {
    this.stores = stores;
    this.camel = camel;
    this.clock = clock;
    this.stamp = stores.stamp();
    this.identity = stores.read(camel, clock.instant());
  }

  /** What a call is made with that begins now. */
  public synchronized TlsIdentity now() {
    String found = stores.stamp();
    Instant now = clock.instant();
    if (!found.equals(stamp) || !now.isBefore(triedAgain)) {
      stamp = found;
      readAgain(now);
    }
    return identity;
  }

  private void readAgain(Instant now) {
    try {
      identity = stores.read(camel, now);
      problem = Optional.empty();
      triedAgain = Instant.MAX;
      LOG.info("{}: its trust and key stores were read again", stores.keys());
    } catch (IllegalArgumentException unusable) {
      String told = unusable.getMessage() + "; what was there before is still used";
      if (!problem.equals(Optional.of(told))) {
        LOG.warn("{}", told);
      }
      problem = Optional.of(told);
      triedAgain = now.plus(TRIED_AGAIN_AFTER);
    }
  }

  /** Our own certificate as it is now: its SHA-256; empty where none is shown. */
  public String certificate() {
    return now().certificate();
  }

  /** Until when it is good; empty where none is shown. */
  public Optional<Instant> end() {
    return now().end();
  }

  /** Why the files as they are now are not used, naming the key; empty if they are. */
  public synchronized Optional<String> problem() {
    now();
    return problem;
  }
}
