package org.payerexchange.sandbox;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import java.net.URI;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The OAuth 2.0 client that the gateway knows.
 *
 * @param id its id
 * @param secret its secret, masked in {@link #toString()}
 * @param methods how it may show who it is
 * @param keys its public keys, each with its {@code kid}; empty where it publishes them or has none
 * @param keysUrl where it publishes its keys, and the only {@code jku} that its assertions may name
 * @param sanUri the URI that its certificate has as a subject alternative name; empty if it has
 *     none
 */
public record RegisteredClient(
    String id,
    String secret,
    Set<AuthMethod> methods,
    JWKSet keys,
    Optional<URI> keysUrl,
    String sanUri) {

  private static final int SHORTEST_RSA_KEY = 2048;

  /** What is to be registered for {@code tls_client_auth} unless told otherwise. */
  public static final String DEFAULT_SAN_URI = "https://payer-exchange.example/client";

  /**
   * Takes only what a gateway would register.
   *
   * @throws IllegalArgumentException for keys that are not public, that have no {@code kid}, or
   *     that neither RS384 (2048 bits at least) nor ES384 can be verified with
   */
  public RegisteredClient {
    methods =
        Collections.unmodifiableSet(
            methods.isEmpty() ? EnumSet.noneOf(AuthMethod.class) : EnumSet.copyOf(methods));
    if (keys.containsNonPublicKeys()) {
      throw new IllegalArgumentException(
          "the client's JWK set holds a private key: register the public ones alone");
    }
    if (!keys.getKeys().stream().allMatch(RegisteredClient::isUsable)) {
      throw new IllegalArgumentException(
          "each key of the client's JWK set must have a kid, and be RSA of 2048 bits at least, or EC on P-384");
    }
  }

  /** A client with a secret, which it may send in the form or by HTTP Basic. */
  public static RegisteredClient withSecret(String id, String secret) {
    return new RegisteredClient(
        id,
        secret,
        EnumSet.of(AuthMethod.CLIENT_SECRET_POST, AuthMethod.CLIENT_SECRET_BASIC),
        new JWKSet(),
        Optional.empty(),
        "");
  }

  /** The same, with these ways and no others. */
  public RegisteredClient by(AuthMethod... ways) {
    return new RegisteredClient(id, secret, Set.copyOf(List.of(ways)), keys, keysUrl, sanUri);
  }

  /** The same, with these public keys. */
  public RegisteredClient withKeys(JWKSet publicKeys) {
    return new RegisteredClient(id, secret, methods, publicKeys, keysUrl, sanUri);
  }

  /** The same, with keys that it publishes itself. */
  public RegisteredClient withKeysAt(URI url) {
    return new RegisteredClient(id, secret, methods, keys, Optional.of(url), sanUri);
  }

  /** The same, with a certificate that has this URI. */
  public RegisteredClient withCertificateOf(String uri) {
    return new RegisteredClient(id, secret, methods, keys, keysUrl, uri);
  }

  private static boolean isUsable(JWK key) {
    boolean strong =
        key instanceof RSAKey rsa
            ? rsa.size() >= SHORTEST_RSA_KEY
            : key instanceof ECKey ec && Curve.P_384.equals(ec.getCurve());
    return strong && key.getKeyID() != null;
  }

  @Override
  public String toString() {
    return "RegisteredClient[id=%s, secret=***, methods=%s]".formatted(id, methods);
  }
}
