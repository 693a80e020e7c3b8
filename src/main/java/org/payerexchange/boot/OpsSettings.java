package org.payerexchange.boot;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.payerexchange.http.TlsStores;
import org.payerexchange.ops.OpsKey;

/**
 * {@code p2p.ops.*}, where there is a port.
 *
 * @param host the address to listen at
 * @param port of the API, the page, health and metrics
 * @param observePort of health and metrics alone, without a key; empty: none
 * @param keys whom the API lets in; none: callers on this machine
 * @param stores our own certificate, if the ports speak TLS
 * @param maxConnections to each port
 * @param requestTimeout how long a connection may be idle, and a request on its way
 * @param maxBodyBytes the longest body of a request
 */
public record OpsSettings(
    String host,
    int port,
    Optional<Integer> observePort,
    List<OpsKey> keys,
    TlsStores stores,
    int maxConnections,
    Duration requestTimeout,
    long maxBodyBytes) {

  /**
   * Where the API answers and to whom, for the operator who has just started it.
   *
   * @param actualPort where any was free to choose
   */
  public String words(int actualPort) {
    return "ops: %s://%s:%s, %s%s"
        .formatted(
            stores.keyStore().isBlank() ? "http" : "https",
            host.contains(":") ? "[" + host + "]" : host,
            actualPort,
            OpsKeys.words(keys),
            observePort.map(", health and metrics without a key at port %s"::formatted).orElse(""));
  }

  /** Empty where there is no ops port. */
  public static Optional<OpsSettings> of(Settings settings) {
    return settings
        .find("p2p.ops.port")
        .map(
            port ->
                new OpsSettings(
                    settings.text("p2p.ops.host"),
                    Integer.parseInt(port),
                    settings.find("p2p.ops.observe-port").map(Integer::valueOf),
                    OpsKeys.of(settings),
                    stores(settings),
                    settings.number("p2p.ops.max-connections"),
                    settings.duration("p2p.ops.request-timeout"),
                    settings.bytes("p2p.ops.max-body-bytes")));
  }

  /** Our own certificate, also where there is no port. */
  static TlsStores stores(Settings settings) {
    return settings.stores("p2p.ops");
  }
}
