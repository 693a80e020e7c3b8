package org.payerexchange.runtime;

import java.time.Duration;
import java.util.Optional;
import org.payerexchange.http.TlsStores;

/**
 * {@code p2p.ops.*}, where there is a port.
 *
 * @param host the address to listen at
 * @param port of the API, the page, health and metrics
 * @param observePort of health and metrics alone, without a key; empty: none
 * @param stores our own certificate, if the ports speak TLS
 * @param maxConnections to each port
 * @param requestTimeout how long a connection may be idle, and a request on its way
 * @param maxBodyBytes the longest body of a request
 */
record OpsSettings(
    String host,
    int port,
    Optional<Integer> observePort,
    TlsStores stores,
    int maxConnections,
    Duration requestTimeout,
    long maxBodyBytes) {

  /** Empty where there is no ops port. */
  static Optional<OpsSettings> of(Settings settings) {
    return settings
        .find("p2p.ops.port")
        .map(
            port ->
                new OpsSettings(
                    settings.text("p2p.ops.host"),
                    Integer.parseInt(port),
                    settings.find("p2p.ops.observe-port").map(Integer::valueOf),
                    new TlsStores(
                        "p2p.ops",
                        "",
                        "",
                        settings.text("p2p.ops.key-store"),
                        settings.text("p2p.ops.key-store-password")),
                    Integer.parseInt(settings.text("p2p.ops.max-connections")),
                    settings.duration("p2p.ops.request-timeout"),
                    Long.parseLong(settings.text("p2p.ops.max-body-bytes"))));
  }
}
