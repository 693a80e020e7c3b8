package org.payerexchange.delivery.fhir;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.client.apache.ApacheRestfulClientFactory;
import ca.uhn.fhir.rest.client.api.IGenericClient;
import ca.uhn.fhir.rest.client.api.ServerValidationModeEnum;
import java.time.Clock;
import java.util.Optional;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClientBuilder;
import org.payerexchange.auth.Tokens;
import org.payerexchange.http.PeerTls;

/** Builds the client with which camel-fhir calls the FHIR server, and what is under it. */
public final class FhirClient {
  private static final String NOWHERE = "http://localhost";

  private FhirClient() {}

  /**
   * Builds the HTTP client. It follows no redirect and tries nothing twice.
   *
   * @param tls its trust and key stores; empty: the JVM's
   * @param parallel how many Bundles there may be at once
   * @param bundles how large they are
   * @param maxAnswerBytes the longest answer that is read
   */
  public static CloseableHttpClient http(
      FhirServer server,
      Optional<PeerTls> tls,
      int parallel,
      BundleLimits bundles,
      int maxAnswerBytes) {
    HttpClientBuilder http =
        HttpClientBuilder.create()
            .useSystemProperties()
            .setMaxConnTotal(parallel)
            .setMaxConnPerRoute(parallel)
            .setUserAgent("payer-exchange")
            .setDefaultRequestConfig(
                RequestConfig.custom()
                    .setConnectTimeout((int) server.connectTimeout().toMillis())
                    .setConnectionRequestTimeout((int) server.connectTimeout().toMillis())
                    .setSocketTimeout((int) server.responseTimeout().toMillis())
                    .build())
            .disableAutomaticRetries()
            .disableRedirectHandling()
            .disableCookieManagement()
            .addInterceptorLast(new FhirAnswers(AnswerLimits.of(bundles, maxAnswerBytes)));
    tls.map(FhirTls::new).ifPresent(own -> http.setSSLSocketFactory(own).addInterceptorFirst(own));
    return http.build();
  }

  /** Builds the FHIR client; no call is made. */
  public static IGenericClient create(
      CloseableHttpClient http, FhirServer server, Tokens tokens, Clock clock) {
    FhirContext fhir = FhirContext.forR4();
    ApacheRestfulClientFactory factory = new ApacheRestfulClientFactory(fhir);
    factory.setHttpClient(http);
    factory.setServerValidationMode(ServerValidationModeEnum.NEVER);
    // HAPI's requests take the factory of their context, whichever factory made the client
    fhir.setRestfulClientFactory(factory);
    IGenericClient client =
        factory.newGenericClient(server.baseUrl().isEmpty() ? NOWHERE : server.baseUrl());
    client.registerInterceptor(new FhirServerCalls(server, tokens, clock));
    return client;
  }
}
