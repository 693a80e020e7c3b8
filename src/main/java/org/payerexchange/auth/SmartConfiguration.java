package org.payerexchange.auth;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * What {@code .well-known/smart-configuration} says of a server's tokens (SMART App Launch 2.2; RFC
 * 8414; RFC 8705, section 5). What cannot be read counts as absent.
 *
 * @param tokenEndpoint absolute, or relative to the base URL
 * @param tlsTokenEndpoint the same for clients that show a certificate
 * @param methods those of our ways to show who we are that it takes: all where it does not say
 * @param algorithms what assertions may be signed with, 32 at most; empty: not said
 */
public record SmartConfiguration(
    Optional<String> tokenEndpoint,
    Optional<String> tlsTokenEndpoint,
    Set<TokenAuth> methods,
    Set<String> algorithms) {

  private static final int MOST_URL_CHARACTERS = 2_000;
  private static final int MOST_ALGORITHMS = 32;

  /** All that may stand in a message: other words may be of any kind. */
  private static final String ALGORITHM = "[A-Za-z0-9_-]{1,40}";

  /** Reads it. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static SmartConfiguration of(JsonNode answer) {
    return new SmartConfiguration(
        url(answer.path("token_endpoint")),
        url(answer.path("mtls_endpoint_aliases").path("token_endpoint")),
        methods(answer.path("token_endpoint_auth_methods_supported")),
        texts(answer.path("token_endpoint_auth_signing_alg_values_supported"))
            .filter(text -> text.matches(ALGORITHM))
            .limit(MOST_ALGORITHMS)
            .collect(Collectors.toCollection(TreeSet::new)));
  }

  private static Optional<String> url(JsonNode field) {
    return text(field).filter(text -> text.length() <= MOST_URL_CHARACTERS);
  }

  /**
   * A server that takes other ways alone takes none of ours; one that says nothing may take any.
   */
  private static Set<TokenAuth> methods(JsonNode fields) {
    Set<String> said = texts(fields).collect(Collectors.toSet());
    Set<TokenAuth> ours = EnumSet.allOf(TokenAuth.class);
    ours.removeIf(way -> !said.isEmpty() && !said.contains(way.key()));
    return ours;
  }

  private static Stream<String> texts(JsonNode fields) {
    return fields.valueStream().flatMap(field -> text(field).stream());
  }

  private static Optional<String> text(JsonNode field) {
    return Optional.ofNullable(field.textValue())
        .map(String::strip)
        .filter(text -> !text.isEmpty());
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
    return methods.contains(way);
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
