package org.payerexchange.delivery.fhir;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.payerexchange.http.TlsStores;
import org.payerexchange.payer.ClearText;
import org.payerexchange.payer.Dialect;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.TokenAuth;

/**
 * The FHIR server of {@code p2p.deliver.fhir}, its own credentials and TLS.
 *
 * @param baseUrl without a slash at the end; empty if there is none
 * @param bearer a token that stays as it is; empty: client credentials, or nothing at all
 * @param credentials client credentials at its token endpoint, if there are any
 * @param tls its trust and key stores
 * @param connectTimeout how long a connection may take
 * @param responseTimeout how long an answer may take
 */
public record FhirServer(
    String baseUrl,
    String bearer,
    Optional<Payer> credentials,
    TlsStores tls,
    Duration connectTimeout,
    Duration responseTimeout) {

  /** What it is called where payers have their ids. */
  public static final String NAME = "deliver-fhir";

  /**
   * As configured.
   *
   * @throws IllegalArgumentException naming the key that is wrong or missing
   */
  public static FhirServer configured(
      String baseUrl,
      String bearer,
      String tokenUrl,
      String clientId,
      String clientSecret,
      String tokenAuth,
      String encodeCredentials,
      String scope,
      TlsStores tls,
      boolean allowHttp,
      Duration connectTimeout,
      Duration responseTimeout) {
    String base = baseUrl.strip().replaceAll("/+$", "");
    if (!base.isEmpty() && !base.matches("https?://.+")) {
      throw new IllegalArgumentException("p2p.deliver.fhir.base-url must be an http or https URL");
    }
    if (!allowHttp && !base.isEmpty() && ClearText.leavesThisMachine(URI.create(base))) {
      throw new IllegalArgumentException(
          "p2p.deliver.fhir.base-url " + ClearText.refusal("p2p.deliver.fhir.allow-http"));
    }
    return new FhirServer(
        base,
        bearer.strip(),
        credentials(
            base,
            tokenUrl.strip(),
            clientId,
            clientSecret,
            tokenAuth,
            encodeCredentials,
            scope,
            allowHttp),
        tls,
        connectTimeout,
        responseTimeout);
  }

  private static Optional<Payer> credentials(
      String base,
      String tokenUrl,
      String clientId,
      String clientSecret,
      String tokenAuth,
      String encodeCredentials,
      String scope,
      boolean allowHttp) {
    if (base.isEmpty() || tokenUrl.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Payer(
              NAME,
              URI.create(base),
              URI.create(tokenUrl),
              clientId,
              clientSecret,
              way(tokenAuth),
              Boolean.parseBoolean(encodeCredentials),
              scope,
              Set.of(),
              Set.of(),
              Dialect.ONE_UP,
              1,
              allowHttp));
    } catch (IllegalArgumentException wrong) {
      throw new IllegalArgumentException(
          wrong.getMessage().replace("p2p.payers." + NAME, "p2p.deliver.fhir"));
    }
  }

  private static TokenAuth way(String tokenAuth) {
    try {
      return TokenAuth.of(tokenAuth);
    } catch (IllegalArgumentException unknown) {
      throw new IllegalArgumentException(
          "p2p.deliver.fhir.token-auth: " + unknown.getMessage(), unknown);
    }
  }

  /** The base URL only. */
  @Override
  public String toString() {
    return "FhirServer[%s]".formatted(baseUrl);
  }
}
