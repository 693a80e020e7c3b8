package org.payerexchange.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.httpcomponents.hc5.PoolingHttpClientConnectionManagerMetricsBinder;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * Builds HTTP clients for payer calls. Such a client does what it is told and nothing by itself: no
 * redirects, no second tries, no cookies, no unpacking; the route decides.
 */
public final class PayerHttpClient {
  private static final TimeValue CONNECTION_LIFE = TimeValue.ofMinutes(5);
  private static final TimeValue IDLE = TimeValue.ofSeconds(30);

  /** The client by itself reads an answer's head for as long as it comes, into memory. */
  private static final Http1Config LONGEST_HEAD =
      Http1Config.custom().setMaxHeaderCount(200).setMaxLineLength(32 * 1024).build();

  private PayerHttpClient() {}

  /**
   * Builds it.
   *
   * @param connection its TLS and proxy
   * @param connectTimeout how long a connection may take, and how long to wait for a free one
   * @param responseTimeout the longest silence while an answer is waited for or read
   * @param maxConnections how many connections there may be, in all and to one host
   * @param name what its connections are called in the registry
   * @param meters the registry
   */
  public static CloseableHttpClient create(
      PeerConnection connection,
      Duration connectTimeout,
      Duration responseTimeout,
      int maxConnections,
      String name,
      MeterRegistry meters) {
    Timeout connect = Timeout.of(connectTimeout);
    Timeout response = Timeout.of(responseTimeout);
    PoolingHttpClientConnectionManagerBuilder pool =
        PoolingHttpClientConnectionManagerBuilder.create()
            .useSystemProperties()
            .setConnectionFactory(
                ManagedHttpClientConnectionFactory.builder().http1Config(LONGEST_HEAD).build())
            .setMaxConnTotal(maxConnections)
            .setMaxConnPerRoute(maxConnections)
            .setDefaultConnectionConfig(
                ConnectionConfig.custom()
                    .setConnectTimeout(connect)
                    .setSocketTimeout(response)
                    .setTimeToLive(CONNECTION_LIFE)
                    .build());
    if (connection.tls().isPresent()) {
      pool.setTlsSocketStrategy(PayerHttpClient::byIdentity);
    }
    PoolingHttpClientConnectionManager connections = pool.build();
    new PoolingHttpClientConnectionManagerMetricsBinder(connections, name).bindTo(meters);
    HttpClientBuilder client =
        HttpClientBuilder.create().useSystemProperties().setConnectionManager(connections);
    connection.proxy().ifPresent(client::setProxy);
    return client
        .setDefaultRequestConfig(
            RequestConfig.custom()
                .setConnectionRequestTimeout(connect)
                .setResponseTimeout(response)
                .build())
        .setUserAgent("payer-exchange")
        .addRequestInterceptorFirst(new ExactTarget())
        .addExecInterceptorLast("sent", new SentMark())
        .disableRedirectHandling()
        .disableAutomaticRetries()
        .disableCookieManagement()
        .disableAuthCaching()
        .disableContentCompression()
        .evictExpiredConnections()
        .evictIdleConnections(IDLE)
        .build();
  }

  /** Who makes a call says which stores it is made with. */
  private static SSLSocket byIdentity(
      Socket socket, String host, int port, Object attachment, HttpContext context)
      throws IOException {
    TlsIdentity tls = (TlsIdentity) HttpClientContext.cast(context).getUserToken();
    return new DefaultClientTlsStrategy(tls.context())
        .upgrade(socket, host, port, attachment, context);
  }
}
