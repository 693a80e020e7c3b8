package org.payerexchange.http;

import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.payerexchange.http.TokenCalls.FILE;
import static org.payerexchange.http.TokenCalls.TOKEN_PATH;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.auth.ClientSecret;
import org.payerexchange.auth.Credentials;
import org.payerexchange.auth.SigningKey;
import org.payerexchange.auth.TokenAuth;
import org.payerexchange.payer.Payer;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.PlainPayer;
import org.payerexchange.support.TestKeys;

/** What clients with keys, certificates and secrets in files send to token endpoints. */
class AssertionTest {
  private static final URI JKU = URI.create("https://keys.example/.well-known/jwks.json");

  @RegisterExtension final Gateway gateway = new Gateway();
  @TempDir static Path folder;
  private static TokenCalls calls;

  @BeforeAll
  static void start() throws Exception {
    calls = new TokenCalls(folder);
  }

  @AfterAll
  static void stop() {
    calls.close();
  }

  @Test
  void anAssertionIsTheClientsOwnForThisEndpointAndForAFewMinutes() throws Exception {
    answer(ok());
    Payer payer = payer(TokenAuth.PRIVATE_KEY_JWT, keys("a.jwk", TestKeys.P384, null));

    assertThat(calls.call(payer)).isNull();

    Map<String, String> form = forms().get(0);
    assertThat(form)
        .containsOnlyKeys("client_assertion_type", "client_assertion", "grant_type", "scope")
        .containsEntry("grant_type", "client_credentials")
        .containsEntry("scope", "read")
        .containsEntry(
            "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    assertThat(requests().get(0).containsHeader("Authorization")).isFalse();
    SignedJWT assertion = SignedJWT.parse(form.get("client_assertion"));
    assertThat(assertion.getHeader().toJSONObject())
        .containsOnlyKeys("alg", "kid", "typ", "jku")
        .containsEntry("alg", "ES384")
        .containsEntry("typ", "JWT")
        .containsEntry("jku", JKU.toString());
    JWTClaimsSet claims = assertion.getJWTClaimsSet();
    assertThat(claims.getIssuer()).isEqualTo("client");
    assertThat(claims.getSubject()).isEqualTo("client");
    assertThat(claims.getClaim("aud")).isEqualTo(List.of(gateway.url() + TOKEN_PATH));
    assertThat(assertion.getPayload().toString())
        .contains("\"aud\":\"" + gateway.url() + TOKEN_PATH + "\"");
    Instant now = Instant.now();
    assertThat(claims.getExpirationTime().toInstant())
        .isAfter(now)
        .isBeforeOrEqualTo(now.plus(Duration.ofMinutes(5)));
    assertThat(claims.getIssueTime().toInstant()).isBefore(now);
    assertThat(claims.getNotBeforeTime()).isNull();
    assertThat(UUID.fromString(claims.getJWTID()).version()).isEqualTo(4);
  }

  @Test
  void everyTryHasAnAssertionOfItsOwn() throws Exception {
    gateway.inTurn(
        () -> post(urlEqualTo(TOKEN_PATH)),
        status(503),
        status(503),
        okJson("{\"access_token\":\"t\"}"));
    Payer payer = payer(TokenAuth.PRIVATE_KEY_JWT, keys("b.jwk", TestKeys.RSA, null));
    answerFile();

    assertThat(calls.call(payer)).isNotNull();
    assertThat(calls.call(payer)).isNotNull();
    assertThat(calls.call(payer)).isNull();

    assertThat(forms())
        .extracting(
            form -> SignedJWT.parse(form.get("client_assertion")).getJWTClaimsSet().getJWTID())
        .hasSize(3)
        .doesNotHaveDuplicates();
  }

  @Test
  void theConfiguredAudienceIsTheAssertions() throws Exception {
    answer(ok());
    Credentials keys = keys("c.jwk", TestKeys.RSA, null);
    Payer payer =
        payer(
            TokenAuth.PRIVATE_KEY_JWT,
            new Credentials(
                keys.secret(),
                keys.key(),
                Optional.empty(),
                Optional.empty(),
                Optional.of("https://issuer.example/"),
                false));

    assertThat(calls.call(payer)).isNull();

    SignedJWT assertion = SignedJWT.parse(forms().get(0).get("client_assertion"));
    assertThat(assertion.getJWTClaimsSet().getAudience())
        .containsExactly("https://issuer.example/");
    assertThat(assertion.getHeader().getJWKURL()).isNull();
  }

  @Test
  void anEndpointThatDoesNotKnowTheNewKeyYetGetsTheFormerOne() throws Exception {
    gateway.inTurn(
        () -> post(urlEqualTo(TOKEN_PATH)),
        status(400).withBody("{\"error\":\"invalid_client\"}"),
        okJson("{\"access_token\":\"t\"}"));
    answerFile();
    Payer payer = payer(TokenAuth.PRIVATE_KEY_JWT, keys("new.jwk", TestKeys.P384, TestKeys.RSA));

    assertThat(calls.call(payer)).isNull();

    assertThat(forms())
        .extracting(
            form ->
                SignedJWT.parse(form.get("client_assertion")).getHeader().getAlgorithm().getName())
        .containsExactly("ES384", "RS384");
  }

  @Test
  void anEndpointThatKnowsNeitherKeyIsAskedOnceWithEach() throws Exception {
    answer(status(401));
    Payer payer = payer(TokenAuth.PRIVATE_KEY_JWT, keys("n.jwk", TestKeys.P384, TestKeys.RSA));

    assertThat(calls.failure(payer).reason()).isEqualTo(FailureReason.TOKEN_REFUSED);
    assertThat(forms()).hasSize(2);
  }

  @Test
  void aFormerKeyWhoseTimeIsOverIsNotTried() throws Exception {
    answer(status(401));
    String ended = TestKeys.RSA.replace("{", "{\"exp\":1500000000,");
    Payer payer = payer(TokenAuth.PRIVATE_KEY_JWT, keys("o.jwk", TestKeys.P384, ended));

    assertThat(calls.failure(payer)).hasMessageContaining("401").hasMessageNotContaining("expired");
    assertThat(forms()).hasSize(1);
  }

  @Test
  void theFormerKeySignsWhereTheNewOneCannotBeUsed() throws Exception {
    answer(ok());
    Payer payer = payer(TokenAuth.PRIVATE_KEY_JWT, keys("p.jwk", "{half a key", TestKeys.RSA));

    assertThat(calls.call(payer)).isNull();

    assertThat(forms())
        .extracting(form -> SignedJWT.parse(form.get("client_assertion")).getHeader().getKeyID())
        .containsExactly(TestKeys.RSA_THUMBPRINT);
  }

  @Test
  void aNewKeyThatCannotBeUsedIsToldThoughThePayerDoesNotKnowTheFormerOneAnyMore()
      throws Exception {
    answer(status(401));
    Payer payer = payer(TokenAuth.PRIVATE_KEY_JWT, keys("q.jwk", "{half a key", TestKeys.RSA));

    TransferException failure = calls.failure(payer);

    assertThat(failure.reason()).isEqualTo(FailureReason.CREDENTIALS_UNUSABLE);
    assertThat(failure).hasMessageContaining("q.jwk' cannot be read as a JWK");
    assertThat(forms()).hasSize(1);
  }

  @Test
  void aKeyIsReadAgainForEachToken() throws Exception {
    answer(ok());
    Payer payer = payer(TokenAuth.PRIVATE_KEY_JWT, keys("d.jwk", TestKeys.RSA, null));
    assertThat(calls.call(payer)).isNull();

    Files.writeString(folder.resolve("d.jwk"), TestKeys.P384);
    calls.renew(payer);

    assertThat(forms())
        .extracting(form -> SignedJWT.parse(form.get("client_assertion")).getHeader().getKeyID())
        .hasSize(2)
        .doesNotHaveDuplicates();
  }

  @Test
  void aSecretInAFileIsReadAgainForEachToken() throws Exception {
    answer(ok());
    Path file = Files.writeString(folder.resolve("secret"), "first secret\n");
    Payer payer = payer(TokenAuth.CLIENT_SECRET_POST, secretIn(file));
    assertThat(calls.call(payer)).isNull();

    Files.writeString(file, "second secret");
    calls.renew(payer);

    assertThat(forms())
        .extracting(form -> form.get("client_secret"))
        .containsExactly("first secret", "second secret");
  }

  @Test
  void aFileThatIsNotThereAnyMoreHoldsThePayerAndNoRequestIsMade() throws Exception {
    Path file = folder.resolve("gone");
    TransferException failure = calls.failure(payer(TokenAuth.CLIENT_SECRET_BASIC, secretIn(file)));

    assertThat(failure.reason()).isEqualTo(FailureReason.CREDENTIALS_UNUSABLE);
    assertThat(failure)
        .hasMessageMatching("p2p\\.payers\\.bison\\.client-secret-file: there is no file '.*gone'");
    assertThat(forms()).isEmpty();
  }

  @Test
  void aClientWithACertificateSendsItsIdAlone() throws Exception {
    answer(ok());
    Payer payer =
        payer(
            TokenAuth.TLS_CLIENT_AUTH,
            new Credentials(
                new ClientSecret("p2p.payers.bison", "unused", Optional.empty()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                true));

    assertThat(calls.call(payer)).isNull();

    assertThat(forms().get(0))
        .isEqualTo(
            Map.of("client_id", "client", "grant_type", "client_credentials", "scope", "read"));
    assertThat(requests().get(0).containsHeader("Authorization")).isFalse();
  }

  private void answer(ResponseDefinitionBuilder answer) {
    gateway.stub(post(urlEqualTo(TOKEN_PATH)).willReturn(answer));
    answerFile();
  }

  private void answerFile() {
    gateway.stub(get(urlEqualTo(FILE)).willReturn(okJson("{}")));
  }

  private static ResponseDefinitionBuilder ok() {
    return okJson("{\"access_token\":\"t\",\"expires_in\":300}");
  }

  private List<LoggedRequest> requests() {
    return gateway.server().findAll(postRequestedFor(urlEqualTo(TOKEN_PATH)));
  }

  private List<Map<String, String>> forms() {
    return requests().stream()
        .map(
            request ->
                Arrays.stream(request.getBodyAsString().split("&"))
                    .map(field -> field.split("=", 2))
                    .collect(
                        Collectors.toMap(
                            field -> field[0], field -> URLDecoder.decode(field[1], UTF_8))))
        .toList();
  }

  private static Credentials keys(String name, String key, String previous) throws IOException {
    return new Credentials(
        new ClientSecret("p2p.payers.bison", "", Optional.empty()),
        Optional.of(key(name, key)),
        previous == null ? Optional.empty() : Optional.of(key("previous-" + name, previous)),
        Optional.of(JKU),
        Optional.empty(),
        false);
  }

  private static SigningKey key(String name, String content) throws IOException {
    return new SigningKey(
        "p2p.payers.bison.private-key-file",
        Files.writeString(folder.resolve(name), content),
        "",
        "");
  }

  private static Credentials secretIn(Path file) {
    return PlainPayer.credentials(new ClientSecret("p2p.payers.bison", "", Optional.of(file)));
  }

  private Payer payer(TokenAuth way, Credentials credentials) {
    return calls.payer(gateway, "client", credentials, way, true);
  }
}
