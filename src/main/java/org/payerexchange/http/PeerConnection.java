package org.payerexchange.http;

import java.util.Optional;
import org.apache.hc.core5.http.HttpHost;

/**
 * How one peer is reached.
 *
 * @param tls its trust and key stores; empty: the JVM's
 * @param proxy what all its calls go through; empty: what the JVM's system properties say
 */
public record PeerConnection(Optional<PeerTls> tls, Optional<HttpHost> proxy) {
  /** As the JVM is told. */
  public static final PeerConnection ORDINARY =
      new PeerConnection(Optional.empty(), Optional.empty());

  /** Our own certificate as calls show it now: its SHA-256; empty where they show none. */
  public String certificate() {
    return tls.map(PeerTls::certificate).orElse("");
  }
}
