package org.payerexchange.http;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.CloseableHttpResponse;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;

/**
 * The HTTP client of all payer calls: one pool of connections for all payers, and one for each that
 * is reached in a way of its own, so that no payer gets a connection that was made with another's
 * certificates. Who is called stands in a header that goes no further.
 */
public final class PayerHttpClients extends CloseableHttpClient {
  static final String HEADER = "Payer-Exchange-Payer";

  private final CloseableHttpClient ordinary;
  private final Map<String, CloseableHttpClient> own = new HashMap<>();

  /**
   * Builds them.
   *
   * @param connections the payers that are reached in a way of their own, by id
   * @param connectTimeout how long a connection may take, and how long to wait for a free one
   * @param responseTimeout the longest silence while an answer is waited for or read
   * @param maxConnections how many connections a pool may have, in all and to one host
   */
  public PayerHttpClients(
      Map<String, PeerConnection> connections,
      Duration connectTimeout,
      Duration responseTimeout,
      int maxConnections) {
    ordinary =
        PayerHttpClient.create(
            PeerConnection.ORDINARY, connectTimeout, responseTimeout, maxConnections);
    connections.forEach(
        (payer, connection) ->
            own.put(
                payer,
                PayerHttpClient.create(
                    connection, connectTimeout, responseTimeout, maxConnections)));
  }

  @Override
  protected CloseableHttpResponse doExecute(
      HttpHost target, ClassicHttpRequest request, HttpContext context) throws IOException {
    Header payer = request.getFirstHeader(HEADER);
    request.removeHeaders(HEADER);
    CloseableHttpClient client =
        payer == null ? ordinary : own.getOrDefault(payer.getValue(), ordinary);
    return CloseableHttpResponse.adapt(client.executeOpen(target, request, context));
  }

  @Override
  public void close() throws IOException {
    ordinary.close();
    for (CloseableHttpClient each : own.values()) {
      each.close();
    }
  }

  @Override
  public void close(CloseMode mode) {
    ordinary.close(mode);
    own.values().forEach(each -> each.close(mode));
  }
}
