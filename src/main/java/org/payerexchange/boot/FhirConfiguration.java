package org.payerexchange.boot;

import java.util.Optional;
import org.apache.camel.CamelContext;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.delivery.Sinks;
import org.payerexchange.delivery.fhir.FhirServer;
import org.payerexchange.http.TlsStores;

/**
 * Reads {@code p2p.deliver.fhir.*}, as far as it says who is called and how. The keys are read here
 * rather than named in the YAML, since Camel would make a number of a client id of digits, and end
 * a secret at its quotes.
 */
public final class FhirConfiguration {
  private FhirConfiguration() {}

  /** The stores of the FHIR server and its token endpoint. */
  public static TlsStores tls(CamelContext context) {
    Settings settings = new Settings(context);
    return new TlsStores(
        FhirServer.KEYS,
        settings.text("p2p.deliver.fhir.trust-store"),
        settings.text("p2p.deliver.fhir.trust-store-password"),
        settings.text("p2p.deliver.fhir.key-store"),
        settings.text("p2p.deliver.fhir.key-store-password"));
  }

  /**
   * The FHIR server.
   *
   * @throws IllegalArgumentException naming the key that is wrong or missing
   */
  public static FhirServer server(CamelContext context) {
    Settings settings = new Settings(context);
    String url = settings.text("p2p.deliver.fhir.base-url");
    boolean asksForTokens =
        !url.isEmpty()
            && (settings.find("p2p.deliver.fhir.token-url").isPresent()
                || settings.find("p2p.deliver.fhir.client-id").isPresent());
    return FhirServer.configured(
        url,
        settings.text("p2p.deliver.fhir.bearer-token"),
        asksForTokens
            ? Optional.of(settings.tokenClient(TokenClient.Kind.SINK, Sinks.FHIR))
            : Optional.empty(),
        settings.flag("p2p.deliver.fhir.allow-http"),
        settings.duration("p2p.deliver.fhir.connect-timeout"),
        settings.duration("p2p.deliver.fhir.response-timeout"));
  }
}
