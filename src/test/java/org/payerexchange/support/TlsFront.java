package org.payerexchange.support;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.MappingBuilder;
import java.nio.file.Path;
import java.util.Map;

/** TLS before a server that speaks plain HTTP; lets in only who shows its client's certificate. */
public final class TlsFront implements AutoCloseable {
  private final TestCertificate server;
  private final TestCertificate client;
  private final WireMockServer front;

  /** Starts one that shows the first of these, and lets in who shows the second. */
  public TlsFront(TestCertificate server, TestCertificate client, String origin) {
    this.server = server;
    this.client = client;
    this.front =
        new WireMockServer(
            options()
                .httpDisabled(true)
                .dynamicHttpsPort()
                .bindAddress("127.0.0.1")
                .jettyAcceptors(1)
                .keystorePath(server.keyStore().toString())
                .keystorePassword(TestCertificate.PASSWORD)
                .keyManagerPassword(TestCertificate.PASSWORD)
                .keystoreType("PKCS12")
                .needClientAuth(true)
                .trustStorePath(client.trustStore().toString())
                .trustStorePassword(TestCertificate.PASSWORD)
                .trustStoreType("PKCS12"));
    front.start();
    front.stubFor(any(anyUrl()).willReturn(aResponse().proxiedFrom(origin)));
  }

  /**
   * Starts one on a free port of the loopback interface.
   *
   * @param folder where its certificates are made
   * @param origin scheme, host and port of the server behind it
   */
  public static TlsFront before(String origin, Path folder) throws Exception {
    return new TlsFront(
        TestCertificate.make(folder, "server"), TestCertificate.make(folder, "client"), origin);
  }

  /** Scheme, host and port, without a trailing slash. */
  public String url() {
    return "https://127.0.0.1:" + front.httpsPort();
  }

  /** The settings with which its client gets in, by the ends of their keys. */
  public Map<String, String> settings() {
    return Map.of(
        "trust-store",
        server.trustStore().toString(),
        "trust-store-password",
        TestCertificate.PASSWORD,
        "key-store",
        client.keyStore().toString(),
        "key-store-password",
        TestCertificate.PASSWORD);
  }

  /** Has a request answered here. */
  public void stub(MappingBuilder request) {
    front.stubFor(request);
  }

  /** How many requests came through. */
  public int requests() {
    return front.countRequestsMatching(anyRequestedFor(anyUrl()).build()).getCount();
  }

  @Override
  public void close() {
    front.stop();
  }
}
