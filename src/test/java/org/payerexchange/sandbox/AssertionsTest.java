package org.payerexchange.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.ZoneOffset.UTC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.impl.ECDSA;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a strict token endpoint refuses of a client's assertion, one test each. */
class AssertionsTest {
  private static final String ID = SandboxOptions.DEFAULT_CLIENT_ID;
  private static final URI KEYS_URL = URI.create("https://client.example/jwks.json");

  /** Stands still, so that a second more or less is one. */
  private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-26T12:00:00Z"), UTC);

  private static RSAKey rsa;
  private static ECKey ec;
  private static Sandbox sandbox;
  private static SandboxClient client;

  @BeforeAll
  static void start() throws JOSEException {
    rsa = new RSAKeyGenerator(2048).keyID("rsa-1").keyUse(KeyUse.SIGNATURE).generate();
    ec = new ECKeyGenerator(Curve.P_384).keyID("ec-1").keyUse(KeyUse.SIGNATURE).generate();
    JWKSet keys = new JWKSet(List.of(rsa, ec)).toPublicJWKSet();
    sandbox =
        Sandbox.start(
            SandboxOptions.builder()
                .clock(CLOCK)
                .client(
                    known ->
                        known
                            .withKeys(keys)
                            .by(AuthMethod.PRIVATE_KEY_JWT, AuthMethod.CLIENT_SECRET_BASIC))
                .build());
    client = new SandboxClient(sandbox);
  }

  @AfterAll
  static void stop() {
    sandbox.close();
  }

  @Test
  void anAssertionByRs384IsBelieved() {
    assertThat(ask(signed(header(rsa), claims(), rsa)).statusCode()).isEqualTo(200);
  }

  @Test
  void anAssertionByEs384IsBelieved() {
    assertThat(ask(signed(header(ec), claims(), ec)).statusCode()).isEqualTo(200);
  }

  @Test
  void anAssertionForFiveMinutesFromNowOnIsBelieved() {
    JWTClaimsSet.Builder longest =
        claims()
            .issueTime(inSeconds(0))
            .notBeforeTime(inSeconds(-1))
            .expirationTime(inSeconds(300));

    assertThat(ask(signed(header(ec), longest, ec)).statusCode()).isEqualTo(200);
  }

  @Test
  void anAssertionWithoutIatIsBelieved() {
    assertThat(ask(signed(header(ec), claims().issueTime(null), ec)).statusCode()).isEqualTo(200);
  }

  @Test
  void theClientIdMayStandBesideTheAssertion() {
    assertThat(ask(form(signed(header(ec), claims(), ec), "client_id", ID)).statusCode())
        .isEqualTo(200);
  }

  @Test
  void anAudienceThatDiffersByASlashIsRefused() {
    refused(
        claims().audience(sandbox.tokenUrl() + "/"),
        "aud is not this token endpoint, to the letter");
  }

  @Test
  void theBaseUrlAsAudienceIsRefused() {
    refused(
        claims().audience(sandbox.baseUrl("bison").toString()),
        "aud is not this token endpoint, to the letter");
  }

  @Test
  void aSecondAudienceIsRefused() {
    refused(
        claims().audience(List.of(sandbox.tokenUrl().toString(), "https://other.example")),
        "aud is not this token endpoint, to the letter");
  }

  @Test
  void aMissingAudienceIsRefused() {
    refused(claims().audience((String) null), "JWT missing required claims: [aud]");
  }

  @Test
  void anAssertionWhoseTimeIsOverIsRefused() {
    refused(claims().expirationTime(inSeconds(0)), "Expired JWT");
  }

  @Test
  void anAssertionForMoreThanFiveMinutesIsRefused() {
    refused(claims().expirationTime(inSeconds(301)), "exp is more than 300 seconds ahead");
  }

  @Test
  void anAssertionWithoutAnEndIsRefused() {
    refused(claims().expirationTime(null), "JWT missing required claims: [exp]");
  }

  @Test
  void anAssertionFromTheFutureIsRefused() {
    refused(claims().issueTime(inSeconds(1)), "iat is in the future");
  }

  @Test
  void anAssertionBeforeItsTimeIsRefused() {
    refused(claims().notBeforeTime(inSeconds(1)), "JWT before use time");
  }

  @Test
  void anotherIssuerIsRefused() {
    refused(claims().issuer("another-client"), "JWT iss claim value rejected");
  }

  @Test
  void anotherSubjectIsRefused() {
    refused(claims().subject("another-client"), "JWT sub claim value rejected");
  }

  @Test
  void anAssertionWithoutAnIdIsRefused() {
    refused(claims().jwtID(null), "JWT missing required claims: [jti]");
  }

  @Test
  void anIdThatWasSeenBeforeIsRefused() {
    String jti = UUID.randomUUID().toString();
    assertThat(ask(signed(header(ec), claims().jwtID(jti), ec)).statusCode()).isEqualTo(200);

    refused(claims().jwtID(jti), "jti was seen before");
  }

  @Test
  void anAssertionThatWasChangedIsRefused() throws Exception {
    SignedJWT good = SignedJWT.parse(signed(header(ec), claims(), ec));
    Base64URL longer = claims().expirationTime(inSeconds(290)).build().toPayload().toBase64URL();

    refused(
        "%s.%s.%s".formatted(good.getHeader().toBase64URL(), longer, good.getSignature()),
        "Signed JWT rejected: Invalid signature");
  }

  @Test
  void anotherKeyUnderTheSameIdIsRefused() throws Exception {
    ECKey stranger = new ECKeyGenerator(Curve.P_384).keyID("ec-1").generate();
    refused(signed(header(stranger), claims(), stranger), "Signed JWT rejected: Invalid signature");
  }

  @Test
  void anAssertionByRs256IsRefused() {
    refused(
        signed(header(JWSAlgorithm.RS256, rsa), claims(), rsa),
        "Signed JWT rejected: Another algorithm expected");
  }

  @Test
  void anAssertionByPs384IsRefused() {
    refused(
        signed(header(JWSAlgorithm.PS384, rsa), claims(), rsa),
        "Signed JWT rejected: Another algorithm expected");
  }

  @Test
  void anAssertionByEs256IsRefused() throws Exception {
    ECKey small = new ECKeyGenerator(Curve.P_256).keyID("ec-1").generate();
    refused(
        signed(header(JWSAlgorithm.ES256, small), claims(), small),
        "Signed JWT rejected: Another algorithm expected");
  }

  @Test
  void anAssertionSignedWithTheSharedSecretIsRefused() throws Exception {
    byte[] secret = SandboxOptions.DEFAULT_CLIENT_SECRET.repeat(2).getBytes(UTF_8);
    refused(
        signed(header(JWSAlgorithm.HS384, rsa), claims(), new MACSigner(secret)),
        "Signed JWT rejected: Another algorithm expected");
  }

  @Test
  void anAssertionWithoutASignatureIsRefused() {
    refused(new PlainJWT(claims().build()).serialize(), "client_assertion is not a signed JWT");
  }

  @Test
  void anEs384SignatureInTheFormOfCertificatesIsRefused() throws Exception {
    SignedJWT good = SignedJWT.parse(signed(header(ec), claims(), ec));
    assertThat(good.getSignature().decode()).hasSize(96);
    byte[] der = ECDSA.transcodeSignatureToDER(good.getSignature().decode());

    refused(
        new String(good.getSigningInput(), UTF_8) + "." + Base64URL.encode(der),
        "Signed JWT rejected: Invalid signature");
  }

  @Test
  void aKeyIdThatIsNotRegisteredIsRefused() {
    refused(
        signed(header(ec).keyID("ec-2"), claims(), ec),
        "Signed JWT rejected: Another algorithm expected");
  }

  @Test
  void anAssertionWithoutAKeyIdIsRefused() {
    refused(signed(header(ec).keyID(null), claims(), ec), "The assertion's header has no kid");
  }

  @Test
  void anAssertionWithoutATypeIsRefused() {
    refused(
        signed(header(ec).type(null), claims(), ec),
        "Required JOSE header typ (type) parameter is missing");
  }

  @Test
  void aTokenOfAnotherTypeIsRefused() {
    refused(
        signed(header(ec).type(new JOSEObjectType("at+jwt")), claims(), ec),
        "JOSE header typ (type) at+jwt not allowed");
  }

  @Test
  void aKeySetThatIsNotRegisteredIsRefused() {
    refused(
        signed(header(ec).jwkURL(KEYS_URL), claims(), ec),
        "The assertion's jku is not the URL that is registered");
  }

  @Test
  void whatIsNoJwtIsRefused() {
    refused("not.a.jwt", "client_assertion is not a signed JWT");
  }

  @Test
  void aMissingAssertionIsRefused() {
    refused("", "client_assertion is not a signed JWT");
  }

  @Test
  void anotherTypeOfAssertionIsRefused() {
    refused(
        ask(
            form(
                signed(header(ec), claims(), ec),
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:saml2-bearer")),
        401,
        "invalid_client",
        "client_assertion_type is not");
  }

  @Test
  void anotherClientIdBesideTheAssertionIsRefused() {
    refused(
        ask(form(signed(header(ec), claims(), ec), "client_id", "another-client")),
        401,
        "invalid_client",
        "client_id is not that of the assertion");
  }

  @Test
  void aSecretBesideTheAssertionIsRefused() {
    refused(
        ask(
            form(
                signed(header(ec), claims(), ec),
                "client_secret",
                SandboxOptions.DEFAULT_CLIENT_SECRET)),
        400,
        "invalid_request",
        "One way to authenticate, and no more");
  }

  @Test
  void aWayThatTheClientIsNotRegisteredForIsRefused() {
    refused(
        ask(
            Map.of(
                "grant_type",
                "client_credentials",
                "scope",
                SandboxOptions.SCOPE,
                "client_id",
                ID,
                "client_secret",
                SandboxOptions.DEFAULT_CLIENT_SECRET)),
        401,
        "invalid_client",
        "The client is not registered for this way to authenticate");
  }

  @Test
  void noKeyIsRegisteredThatIsPrivateOrShortOrHasNoId() throws Exception {
    RegisteredClient known = RegisteredClient.withSecret(ID, "none");
    JWK small = new RSAKeyGenerator(1024, true).keyID("rsa-2").generate().toPublicJWK();
    JWK otherCurve = new ECKeyGenerator(Curve.P_256).keyID("ec-2").generate().toPublicJWK();
    JWK nameless = new ECKeyGenerator(Curve.P_384).generate().toPublicJWK();

    assertThatIllegalArgumentException().isThrownBy(() -> known.withKeys(new JWKSet(ec)));
    for (JWK unusable : List.of(small, otherCurve, nameless)) {
      assertThatIllegalArgumentException().isThrownBy(() -> known.withKeys(new JWKSet(unusable)));
    }
  }

  private static JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .issuer(ID)
        .subject(ID)
        .audience(sandbox.tokenUrl().toString())
        .expirationTime(inSeconds(240))
        .issueTime(inSeconds(-5))
        .jwtID(UUID.randomUUID().toString());
  }

  private static Date inSeconds(long seconds) {
    return Date.from(CLOCK.instant().plusSeconds(seconds));
  }

  private static JWSHeader.Builder header(JWK key) {
    return header(key instanceof RSAKey ? JWSAlgorithm.RS384 : JWSAlgorithm.ES384, key);
  }

  private static JWSHeader.Builder header(JWSAlgorithm algorithm, JWK key) {
    return new JWSHeader.Builder(algorithm).type(JOSEObjectType.JWT).keyID(key.getKeyID());
  }

  private static String signed(JWSHeader.Builder header, JWTClaimsSet.Builder claims, JWK key) {
    try {
      return signed(
          header,
          claims,
          key instanceof RSAKey pair ? new RSASSASigner(pair) : new ECDSASigner(key.toECKey()));
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  private static String signed(
      JWSHeader.Builder header, JWTClaimsSet.Builder claims, JWSSigner signer) {
    SignedJWT assertion = new SignedJWT(header.build(), claims.build());
    try {
      assertion.sign(signer);
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
    return assertion.serialize();
  }

  private static void refused(JWTClaimsSet.Builder claims, String why) {
    refused(signed(header(ec), claims, ec), why);
  }

  private static void refused(String assertion, String why) {
    refused(ask(assertion), 401, "invalid_client", why);
  }

  private static void refused(HttpResponse<String> answer, int status, String error, String why) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(client.json(answer).path("error_description").asText()).startsWith(why);
    assertThat(client.json(answer).path("error").asText()).isEqualTo(error);
  }

  private static HttpResponse<String> ask(String assertion) {
    return ask(form(assertion, "grant_type", "client_credentials"));
  }

  private static HttpResponse<String> ask(Map<String, String> form) {
    return client.tokenResponse(form);
  }

  private static Map<String, String> form(String assertion, String field, String value) {
    Map<String, String> form = new HashMap<>();
    form.put("grant_type", "client_credentials");
    form.put("scope", SandboxOptions.SCOPE);
    form.put("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    form.put("client_assertion", assertion);
    form.put(field, value);
    return form;
  }
}
