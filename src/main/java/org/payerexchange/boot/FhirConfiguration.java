package org.payerexchange.boot;

import java.util.Optional;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.payerexchange.auth.TokenAuth;
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
    return new Settings(context).stores(FhirServer.KEYS);
  }

  /**
   * The FHIR server.
   *
   * @throws IllegalArgumentException naming the key that is wrong or missing
   */
  public static FhirServer server(CamelContext context) {
    Settings settings = new Settings(context);
    String url = settings.text("p2p.deliver.fhir.base-url");
    boolean asksForTokens = !url.isEmpty() && isMeantToAskForTokens(settings);
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

  /**
   * Any of its keys says so: what is left out then is missing, rather than a server without them.
   */
  private static boolean isMeantToAskForTokens(Settings settings) {
    return Stream.of(
                "token-url",
                "client-id",
                "client-secret",
                "client-secret-file",
                "private-key-file",
                "previous-private-key-file")
            .anyMatch(key -> settings.find(FhirServer.KEYS + "." + key).isPresent())
        || settings
            .value(FhirServer.KEYS + ".token-auth", TokenAuth::of)
            .filter(way -> way != TokenAuth.CLIENT_SECRET_POST)
            .isPresent();
  }
}
