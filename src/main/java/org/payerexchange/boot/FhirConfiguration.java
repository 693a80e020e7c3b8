package org.payerexchange.boot;

import java.time.Clock;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.payerexchange.auth.TokenEndpoint;
import org.payerexchange.auth.Tokens;
import org.payerexchange.delivery.fhir.FhirServer;
import org.payerexchange.http.TlsStores;
import org.payerexchange.http.TokenLooks;
import org.payerexchange.ledger.TokenHold;
import org.payerexchange.ledger.TokenHolds;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;

/**
 * Reads {@code p2p.deliver.fhir.*}, as far as it says who is called and how. The keys are read here
 * rather than named in the YAML, since Camel would make a number of a client id of digits, and end
 * a secret at its quotes.
 */
public final class FhirConfiguration {
  private static final String FHIR_SINK = "fhir";

  private FhirConfiguration() {}

  /** The stores of the FHIR server and its token endpoint. */
  public static TlsStores tls(CamelContext context) {
    Settings settings = new Settings(context);
    return new TlsStores(
        "p2p.deliver.fhir",
        settings.text("p2p.deliver.fhir.trust-store"),
        settings.text("p2p.deliver.fhir.trust-store-password"),
        settings.text("p2p.deliver.fhir.key-store"),
        settings.text("p2p.deliver.fhir.key-store-password"));
  }

  /** The tokens of the payers and of the FHIR server. */
  public static Tokens tokens(
      CamelContext context,
      TokenEndpoint endpoint,
      Clock clock,
      TokenHolds holds,
      FhirServer server) {
    return new Tokens(
        endpoint,
        clock,
        new Settings(context).duration("p2p.token.refusal-memory"),
        client ->
            isOf(server, client)
                ? holds.isHeld(TokenHold.Kind.SINK, FHIR_SINK)
                : holds.isHeld(TokenHold.Kind.PAYER, client.id()),
        (client, why) -> {
          if (isOf(server, client)) {
            holds.refuse(TokenHold.Kind.SINK, FHIR_SINK, why);
          } else {
            holds.refuse(TokenHold.Kind.PAYER, client.id(), why);
          }
        });
  }

  private static boolean isOf(FhirServer server, Payer client) {
    return server.credentials().filter(client::equals).isPresent();
  }

  /** Looks at the token endpoints of the payers and of the FHIR server. */
  public static TokenLooks tokenLooks(
      TokenHolds holds, Tokens tokens, Payers payers, FhirServer server) {
    return new TokenLooks(
        holds,
        tokens,
        payers,
        server.credentials().map(client -> Map.of(FHIR_SINK, client)).orElse(Map.of()));
  }

  /**
   * The FHIR server.
   *
   * @throws IllegalArgumentException naming the key that is wrong or missing
   */
  public static FhirServer server(CamelContext context, TlsStores tls) {
    Settings settings = new Settings(context);
    return FhirServer.configured(
        settings.text("p2p.deliver.fhir.base-url"),
        settings.text("p2p.deliver.fhir.bearer-token"),
        settings.text("p2p.deliver.fhir.token-url"),
        settings.text("p2p.deliver.fhir.client-id"),
        settings.text("p2p.deliver.fhir.client-secret"),
        settings.text("p2p.deliver.fhir.token-auth"),
        settings.text("p2p.deliver.fhir.encode-credentials"),
        settings.text("p2p.deliver.fhir.scope"),
        tls,
        Boolean.parseBoolean(settings.text("p2p.deliver.fhir.allow-http")),
        settings.duration("p2p.deliver.fhir.connect-timeout"),
        settings.duration("p2p.deliver.fhir.response-timeout"));
  }
}
