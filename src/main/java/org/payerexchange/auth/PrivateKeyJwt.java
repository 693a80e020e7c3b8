package org.payerexchange.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.factories.DefaultJWSSignerFactory;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * An assertion that the client signs with its own key, new for each request (RFC 7523, section 2.2;
 * SMART Backend Services).
 */
final class PrivateKeyJwt implements ClientAuthentication {
  private static final String TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

  /** Below the five minutes that SMART allows, for endpoints whose clocks are behind ours. */
  private static final Duration LIFETIME = Duration.ofMinutes(4);

  /** Endpoints whose clocks are behind ours take no assertion of the future. */
  private static final Duration SKEW = Duration.ofSeconds(10);

  private final Clock clock;

  PrivateKeyJwt(Clock clock) {
    this.clock = clock;
  }

  @Override
  public Map<String, String> form(TokenClient client) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("client_assertion_type", TYPE);
    fields.put("client_assertion", assertion(client));
    return fields;
  }

  private String assertion(TokenClient client) {
    Instant now = clock.instant();
    JWK key = client.credentials().signingKey(now);
    JWSHeader.Builder header =
        new JWSHeader.Builder(JWSAlgorithm.parse(key.getAlgorithm().getName()))
            .type(JOSEObjectType.JWT)
            .keyID(key.getKeyID());
    client.credentials().jku().ifPresent(header::jwkURL);
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .issuer(client.clientId())
            .subject(client.clientId())
            .audience(client.credentials().audience().orElse(client.tokenUrl().toString()))
            .issueTime(Date.from(now.minus(SKEW)))
            .expirationTime(Date.from(now.plus(LIFETIME)))
            .jwtID(UUID.randomUUID().toString())
            .build();
    SignedJWT assertion = new SignedJWT(header.build(), claims);
    try {
      assertion.sign(new DefaultJWSSignerFactory().createJWSSigner(key));
    } catch (JOSEException unusable) {
      throw new IllegalArgumentException(
          "%s.private-key-file holds a key that does not sign".formatted(client.keys()));
    }
    return assertion.serialize();
  }
}
