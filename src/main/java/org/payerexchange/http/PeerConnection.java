package org.payerexchange.http;

import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.apache.hc.core5.http.HttpHost;

/**
 * How one peer is reached.
 *
 * @param tls its trust and key stores; empty: the JVM's
 * @param proxy what all its calls go through; empty: what the JVM's system properties say
 */
public record PeerConnection(Optional<SSLContext> tls, Optional<HttpHost> proxy) {
  /** As the JVM is told. */
  public static final PeerConnection ORDINARY =
      new PeerConnection(Optional.empty(), Optional.empty());
}
