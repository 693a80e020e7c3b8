package org.payerexchange.delivery.fhir;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.payerexchange.auth.ClearText;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.delivery.Sinks;

/**
 * The FHIR server of {@code p2p.deliver.fhir}, and its own credentials.
 *
 * @param baseUrl without a slash at the end; empty if there is none
 * @param bearer a token that stays as it is; empty: client credentials, or nothing at all
 * @param credentials client credentials at its token endpoint, if there are any
 * @param connectTimeout how long a connection may take
 * @param responseTimeout how long an answer may take
 */
public record FhirServer(
    String baseUrl,
    String bearer,
    Optional<TokenClient> credentials,
    Duration connectTimeout,
    Duration responseTimeout) {

  /** What its configuration keys begin with. */
  public static final String KEYS = TokenClient.Kind.SINK.keys(Sinks.FHIR);

  /**
   * Checks the URL.
   *
   * @param allowHttp whether it may be called without TLS on another machine
   * @throws IllegalArgumentException naming the key that is wrong or missing
   */
  public static FhirServer configured(
      String baseUrl,
      String bearer,
      Optional<TokenClient> credentials,
      boolean allowHttp,
      Duration connectTimeout,
      Duration responseTimeout) {
    String base = baseUrl.replaceAll("/+$", "");
    if (!base.isEmpty()) {
      ClearText.requireUrl(KEYS, "base-url", URI.create(base), allowHttp);
    }
    return new FhirServer(base, bearer, credentials, connectTimeout, responseTimeout);
  }

  /** The base URL only. */
  @Override
  public String toString() {
    return "FhirServer[%s]".formatted(baseUrl);
  }
}
