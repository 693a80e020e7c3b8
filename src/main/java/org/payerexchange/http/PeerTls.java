package org.payerexchange.http;

import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS with one peer, by its store files as they are now: before each call they are looked at, and
 * read again once they have changed. Where they cannot be used then, what was read before stays in
 * use, and it is told. Safe for any number of threads.
 */
public final class PeerTls {
  private static final Logger LOG = LoggerFactory.getLogger(PeerTls.class);

  private final TlsStores stores;
  private final CamelContext camel;
  private final Clock clock;
  private TlsIdentity identity;
  private String stamp;
  private Optional<String> problem = Optional.empty();

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
    if (!found.equals(stamp)) {
      stamp = found;
      readAgain();
    }
    return identity;
  }

  private void readAgain() {
    try {
      identity = stores.read(camel, clock.instant());
      problem = Optional.empty();
      LOG.info("{}: its trust and key stores were read again", stores.keys());
    } catch (IllegalArgumentException unusable) {
      problem = Optional.of(unusable.getMessage() + "; what was there before is still used");
      LOG.warn("{}", problem.get());
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
