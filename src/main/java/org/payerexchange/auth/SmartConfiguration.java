package org.payerexchange.auth;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * What {@code .well-known/smart-configuration} says of a server's tokens (SMART App Launch 2.2; RFC
 * 8414; RFC 8705, section 5). What cannot be read counts as absent.
 *
 * @param tokenEndpoint absolute, or relative to the base URL
 * @param tlsTokenEndpoint the same for clients that show a certificate
 * @param methods how clients may show who they are; empty: not said
 * @param algorithms what assertions may be signed with; empty: not said
 */
public record SmartConfiguration(
    Optional<String> tokenEndpoint,
    Optional<String> tlsTokenEndpoint,
    Set<String> methods,
    Set<String> algorithms) {

  /** Reads it. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static SmartConfiguration of(JsonNode answer) {
    return new SmartConfiguration(
        text(answer.path("token_endpoint")),
        text(answer.path("mtls_endpoint_aliases").path("token_endpoint")),
        texts(answer.path("token_endpoint_auth_methods_supported")),
        texts(answer.path("token_endpoint_auth_signing_alg_values_supported")));
  }

  private static Optional<String> text(JsonNode field) {
    return Optional.of(field.asText("").strip()).filter(text -> !text.isEmpty());
  }

  private static Set<String> texts(JsonNode fields) {
    Set<String> texts = new TreeSet<>();
    fields.forEach(field -> text(field).ifPresent(texts::add));
    return texts;
  }

  /**
   * How a client shows who it is: as configured, else the first way for which it has something and
   * which the server offers, the one without a shared secret first.
   *
   * @throws TransferException {@link FailureReason#TOKEN_REFUSED} if there is none
   */
  public TokenAuth way(TokenClient client) {
    if (client.tokenAuth() != TokenAuth.AUTO) {
      return client.tokenAuth();
    }
    Credentials own = client.credentials();
    if (own.key().isPresent() && offers(TokenAuth.PRIVATE_KEY_JWT)) {
      return TokenAuth.PRIVATE_KEY_JWT;
    }
    if (own.certificate() && offers(TokenAuth.TLS_CLIENT_AUTH)) {
      return TokenAuth.TLS_CLIENT_AUTH;
    }
    if (own.secret().isSet() && offers(TokenAuth.CLIENT_SECRET_BASIC)) {
      return TokenAuth.CLIENT_SECRET_BASIC;
    }
    if (own.secret().isSet() && offers(TokenAuth.CLIENT_SECRET_POST)) {
      return TokenAuth.CLIENT_SECRET_POST;
    }
    throw new TransferException(
        FailureReason.TOKEN_REFUSED,
        "%s takes clients by none of the ways for which %s has something: private-key-file, key-store or client-secret"
            .formatted(client.what(), client.keys()));
  }

  private boolean offers(TokenAuth way) {
    return methods.isEmpty() || methods.contains(way.key());
  }

  /**
   * Whether assertions may be signed with this.
   *
   * @param algorithm such as {@code RS384}
   */
  public boolean takes(String algorithm) {
    return algorithms.isEmpty() || algorithms.contains(algorithm);
  }
}
