package org.payerexchange.sandbox;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import com.nimbusds.jwt.proc.JWTClaimsSetVerifier;
import java.net.MalformedURLException;
import java.net.URI;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Verifies a client's assertions (RFC 7523, section 3; SMART App Launch 2.2, asymmetric client
 * authentication) as strictly as these allow: no clock but its own, and no assertion twice.
 */
final class Assertions {
  /** SMART: a client and a server support both; no other is taken here. */
  static final List<JWSAlgorithm> ALGORITHMS = List.of(JWSAlgorithm.RS384, JWSAlgorithm.ES384);

  private static final Duration LONGEST = Duration.ofMinutes(5);

  private final RegisteredClient client;
  private final Clock clock;
  private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
  private final Map<String, Instant> seen = new ConcurrentHashMap<>();

  Assertions(RegisteredClient client, Clock clock) {
    this.client = client;
    this.clock = clock;
    processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT));
    processor.setJWSKeySelector(
        new JWSVerificationKeySelector<>(Set.copyOf(ALGORITHMS), keys(client)));
    processor.setJWTClaimsSetVerifier(claims());
  }

  /**
   * Why an assertion is not believed, without a word of what stands in it; empty if it is.
   *
   * @param endpoints what the token endpoint calls itself that it was sent to
   */
  Optional<String> problem(String assertion, Set<URI> endpoints) {
    try {
      SignedJWT signed = SignedJWT.parse(assertion);
      return header(signed.getHeader()).or(() -> claims(verified(signed), endpoints));
    } catch (ParseException unreadable) {
      return Optional.of("client_assertion is not a signed JWT");
    } catch (Unverified unverified) {
      return Optional.of(unverified.getMessage());
    }
  }

  private Optional<String> header(JWSHeader header) {
    if (header.getKeyID() == null) {
      return Optional.of("The assertion's header has no kid");
    }
    return when(
        header.getJWKURL() != null && !client.keysUrl().equals(Optional.of(header.getJWKURL())),
        "The assertion's jku is not the URL that is registered");
  }

  private JWTClaimsSet verified(SignedJWT signed) {
    try {
      return processor.process(signed, null);
    } catch (BadJOSEException | JOSEException refused) {
      throw new Unverified(refused.getMessage());
    }
  }

  private Optional<String> claims(JWTClaimsSet claims, Set<URI> endpoints) {
    Instant now = clock.instant();
    Instant end = claims.getExpirationTime().toInstant();
    if (endpoints.stream()
        .map(URI::toString)
        .map(List::of)
        .noneMatch(claims.getAudience()::equals)) {
      return Optional.of("aud is not this token endpoint, to the letter");
    }
    if (end.isAfter(now.plus(LONGEST))) {
      return Optional.of("exp is more than 300 seconds ahead");
    }
    if (claims.getIssueTime() != null && claims.getIssueTime().toInstant().isAfter(now)) {
      return Optional.of("iat is in the future");
    }
    seen.values().removeIf(now::isAfter);
    return when(
        claims.getJWTID().isBlank() || seen.putIfAbsent(claims.getJWTID(), end) != null,
        "jti was seen before");
  }

  private JWTClaimsSetVerifier<SecurityContext> claims() {
    DefaultJWTClaimsVerifier<SecurityContext> verifier =
        new DefaultJWTClaimsVerifier<>(
            new JWTClaimsSet.Builder().issuer(client.id()).subject(client.id()).build(),
            Set.of("aud", "exp", "jti")) {
          @Override
          protected Date currentTime() {
            return Date.from(clock.instant());
          }
        };
    verifier.setMaxClockSkew(0);
    return verifier;
  }

  /** Published keys are asked for again as soon as an assertion names one that is not known. */
  private static JWKSource<SecurityContext> keys(RegisteredClient client) {
    if (client.keysUrl().isEmpty()) {
      return new ImmutableJWKSet<>(client.keys());
    }
    try {
      return JWKSourceBuilder.create(client.keysUrl().get().toURL())
          .refreshAheadCache(false)
          .rateLimited(false)
          .build();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException("the client's JWK set URL is no URL", e);
    }
  }

  private static Optional<String> when(boolean wrong, String problem) {
    return wrong ? Optional.of(problem) : Optional.empty();
  }

  /** What Nimbus says names claims and headers, never their values. */
  private static final class Unverified extends RuntimeException {
    Unverified(String why) {
      super(why);
    }
  }
}
