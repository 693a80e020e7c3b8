package org.payerexchange.http;

import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.nimbusds.jwt.SignedJWT;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.auth.Tokens;
import org.payerexchange.delivery.fhir.FhirServer;
import org.payerexchange.payer.Payers;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.TestBundle;
import org.payerexchange.support.TestCertificate;
import org.payerexchange.support.TestKeys;
import org.payerexchange.support.TlsFront;

/** Where tokens are asked for, and how, as payers say in their smart-configuration. */
class SmartConfigurationsTest {
  private static final String PATH = "/v1/bison/.well-known/smart-configuration";

  @RegisterExtension final Gateway gateway = new Gateway();
  @RegisterExtension final Gateway elsewhere = new Gateway();
  @TempDir Path folder;
  private TestBundle bundle;
  private boolean started;

  @BeforeEach
  void configure() throws Exception {
    Path key = Files.writeString(folder.resolve("key.jwk"), TestKeys.RSA);
    bundle =
        TestBundle.in(folder)
            .only("beans", "errors", "payer-call")
            .payer("bison", gateway.url())
            .set("p2p.payers.bison.token-url", "")
            .set("p2p.payers.bison.token-auth", "auto")
            .set("p2p.payers.bison.private-key-file", key.toString());
    for (Gateway each : new Gateway[] {gateway, elsewhere}) {
      for (String path :
          List.of("/token", "/v1/bison/token", "//token", "/token/", "/token?tenant=1%2F2")) {
        each.stub(post(urlEqualTo(path)).willReturn(token()));
      }
    }
  }

  @AfterEach
  void stop() {
    bundle.close();
  }

  @ParameterizedTest
  @CsvSource({
    "{url}/token, /token",
    "{url}//token, //token",
    "{url}/token/, /token/",
    "{url}/token?tenant=1%2F2, /token?tenant=1%2F2",
    "/token, /token",
    "token, /v1/bison/token",
    "http://127.0.0.1:9/token, /token",
  })
  void theEndpointIsTheOneThatIsNamedThere(String named, String asked) throws Exception {
    configuration("'token_endpoint': '%s'".formatted(named.replace("{url}", gateway.url())));

    assertThat(value()).isEqualTo("t");

    gateway.server().verify(1, getRequestedFor(urlEqualTo(PATH)).withoutHeader("Authorization"));
    gateway.server().verify(1, postRequestedFor(urlEqualTo(asked)));
    String audience = assertion(asked).getJWTClaimsSet().getAudience().get(0);
    assertThat(audience)
        .isEqualTo(
            named.contains("://") ? named.replace("{url}", gateway.url()) : gateway.url() + asked);
  }

  @Test
  void itIsReadOnceForManyTokensAndAgainOnceTheClientIsNotKnown() throws Exception {
    configuration("'token_endpoint': '/v1/bison/token'");
    value();
    renew();
    gateway.server().verify(1, getRequestedFor(urlEqualTo(PATH)));

    gateway.stub(
        post(urlEqualTo("/v1/bison/token"))
            .willReturn(status(401).withBody("{\"error\":\"invalid_client\"}")));
    configuration("'token_endpoint': '/token'");
    assertThatThrownBy(this::renew).isInstanceOf(TransferException.class);

    assertThat(renew()).isEqualTo("t");
    gateway.server().verify(2, getRequestedFor(urlEqualTo(PATH)));
    gateway.server().verify(1, postRequestedFor(urlEqualTo("/token")));
  }

  @ParameterizedTest
  @CsvSource({"max-age=3600, 1", "'public, max-age=0', 2", "no-store, 2", "nonsense, 1"})
  void itIsKeptForAsLongAsThePayerAllows(String cacheControl, int reads) throws Exception {
    gateway.stub(
        get(urlEqualTo(PATH))
            .willReturn(
                okJson("{\"token_endpoint\": \"/token\"}")
                    .withHeader("Cache-Control", cacheControl)));
    bundle.start();

    renew();
    renew();

    gateway.server().verify(reads, getRequestedFor(urlEqualTo(PATH)));
  }

  @ParameterizedTest
  @CsvSource({"false, false", "true, true"})
  void anEndpointOnAForeignHostIsAskedOnlyWhereItIsTrusted(boolean trusted, boolean asked)
      throws Exception {
    if (trusted) {
      bundle.set("p2p.payers.bison.trusted-hosts", elsewhere.foreignUrl().replace("http://", ""));
    }
    configuration("'token_endpoint': '%s/token'".formatted(elsewhere.foreignUrl()));

    if (asked) {
      assertThat(value()).isEqualTo("t");
    } else {
      assertThat(refusal())
          .contains("set p2p.payers.bison.token-url to it")
          .contains(
              "add 'localhost:%d' to p2p.payers.bison.trusted-hosts"
                  .formatted(elsewhere.server().port()));
    }
    elsewhere.server().verify(asked ? 1 : 0, postRequestedFor(urlEqualTo("/token")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"<html>no</html>", "[]", "", "{\"token_endpoint\": 1", "{}"})
  void aDocumentThatCannotBeReadOrNamesNoEndpointIsToldAsThat(String document) throws Exception {
    gateway.stub(get(urlEqualTo(PATH)).willReturn(ok(document)));
    bundle.start();

    assertThat(refusal()).contains("smart-configuration").doesNotContain("html");
  }

  @Test
  void aPayerWithoutOneIsToldAsThat() throws Exception {
    gateway.stub(get(urlEqualTo(PATH)).willReturn(status(404)));
    bundle.start();

    assertThat(refusal()).contains("payer bison's smart-configuration answered 404");
  }

  @Test
  void anAlgorithmThatThePayerDoesNotTakeIsToldBeforeItIsTried() throws Exception {
    configuration(
        "'token_endpoint': '/token', 'token_endpoint_auth_methods_supported': ['private_key_jwt'],"
            + " 'token_endpoint_auth_signing_alg_values_supported': ['ES384']");

    assertThat(failure(FailureReason.CREDENTIALS_UNUSABLE))
        .isEqualTo(
            "payer bison takes assertions signed with ES384, and the key of p2p.payers.bison.private-key-file signs with RS384");
    gateway.server().verify(0, postRequestedFor(urlEqualTo("/token")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<html>no</html> | smart-configuration is no JSON object",
        "{`token_endpoint`: `https://foreign.example/t`} | set p2p.payers.bison.token-url",
        "{`token_endpoint`: `/token`, `token_endpoint_auth_signing_alg_values_supported`: [`ES384`]}"
            + " | payer bison takes assertions signed with ES384",
      })
  void whatIsWrongWithItIsToldAtTheStartAndHoldsNobody(String document, String told)
      throws Exception {
    gateway.stub(get(urlEqualTo(PATH)).willReturn(ok(document.replace('`', '"'))));
    bundle.only("*").start();

    await()
        .atMost(Duration.ofMinutes(3))
        .untilAsserted(
            () ->
                gateway
                    .server()
                    .verify(getRequestedFor(urlEqualTo(PATH)).withoutHeader("Authorization")));
    assertThat(bundle.bean("tokenLooks", TokenLooks.class).problem(client()))
        .hasValueSatisfying(problem -> assertThat(problem).contains(told).hasLineCount(1));
    assertThat(bundle.number("SELECT COUNT(*) FROM payer_gate WHERE refused_since IS NOT NULL"))
        .isZero();
    gateway.server().verify(0, postRequestedFor(urlEqualTo("/token")));
  }

  @Test
  void theFormerKeySignsWhereThePayerDoesNotTakeTheNewOnesAlgorithm() throws Exception {
    Path former = Files.writeString(folder.resolve("former.jwk"), TestKeys.P384);
    bundle.set("p2p.payers.bison.previous-private-key-file", former.toString());
    configuration(
        "'token_endpoint': '/token', 'token_endpoint_auth_signing_alg_values_supported': ['ES384']");

    assertThat(value()).isEqualTo("t");

    assertThat(assertion("/token").getHeader().getAlgorithm()).hasToString("ES384");
  }

  @ParameterizedTest
  @CsvSource({
    "'client_secret_post,private_key_jwt', client_assertion=",
    "'client_secret_post,client_secret_basic', Basic",
    "client_secret_post, client_secret=",
    "none, ",
  })
  void ofTheWaysThatAreOfferedTheSafestIsTaken(String offered, String shown) throws Exception {
    configuration(
        "'token_endpoint': '/token', 'token_endpoint_auth_methods_supported': ['%s']"
            .formatted(offered.replace(",", "','")));

    if (shown == null) {
      assertThat(refusal()).contains("private-key-file, key-store or client-secret");
      return;
    }
    value();
    var request = gateway.server().findAll(postRequestedFor(urlEqualTo("/token"))).get(0);
    assertThat(request.getBodyAsString() + request.getHeader("Authorization")).contains(shown);
  }

  @ParameterizedTest
  @CsvSource({"https://victim.example/token", "//victim.example/token", "{url}/token"})
  void noAssertionForAnotherHostsEndpointGoesToAnAliasOfThePayers(String named) throws Exception {
    showCertificate();
    configuration(
        "'token_endpoint': '%s', 'mtls_endpoint_aliases': {'token_endpoint': '/token'}"
            .formatted(named.replace("{url}", elsewhere.foreignUrl())));

    assertThat(refusal()).contains("smart-configuration's answer leads to ");

    for (Gateway each : new Gateway[] {gateway, elsewhere}) {
      each.server().verify(0, postRequestedFor(urlEqualTo("/token")));
    }
  }

  @Test
  void whoHasACertificateAsksWhereItIsLookedAtInTheEndpointsOwnName() throws Exception {
    showCertificate();
    configuration(
        "'token_endpoint': '/token', 'mtls_endpoint_aliases': {'token_endpoint': '/v1/bison/token'}");

    assertThat(value()).isEqualTo("t");

    gateway.server().verify(0, postRequestedFor(urlEqualTo("/token")));
    assertThat(assertion("/v1/bison/token").getJWTClaimsSet().getAudience())
        .containsExactly(gateway.url() + "/token");
  }

  @Test
  void theEndpointForCertificatesMayHaveAPortOfItsOwn() throws Exception {
    try (TlsFront front = TlsFront.before(elsewhere.url(), folder)) {
      front.settings().forEach((key, value) -> bundle.set("p2p.payers.bison." + key, value));
      configuration(
          "'token_endpoint': '/token', 'token_endpoint_auth_methods_supported': ['tls_client_auth'],"
              + " 'mtls_endpoint_aliases': {'token_endpoint': '%s/token'}".formatted(front.url()));

      assertThat(value()).isEqualTo("t");

      elsewhere.server().verify(1, postRequestedFor(urlEqualTo("/token")));
      gateway.server().verify(0, postRequestedFor(urlEqualTo("/token")));
    }
  }

  @Test
  void aConfiguredTokenUrlIsAskedWhateverThePayerNames() throws Exception {
    bundle.set("p2p.payers.bison.token-url", gateway.url() + "/v1/bison/token");
    configuration(
        "'token_endpoint': '/token', 'token_endpoint_auth_methods_supported': ['private_key_jwt']");

    assertThat(value()).isEqualTo("t");

    gateway.server().verify(1, postRequestedFor(urlEqualTo("/v1/bison/token")));
  }

  @Test
  void theFhirServersEndpointIsFoundInTheSameWay() throws Exception {
    gateway.stub(
        get(urlEqualTo("/fhir/.well-known/smart-configuration"))
            .willReturn(okJson("{\"token_endpoint\": \"" + gateway.url() + "/token\"}")));
    bundle
        .set("p2p.deliver.fhir.base-url", gateway.url() + "/fhir")
        .set("p2p.deliver.fhir.client-id", "me")
        .set("p2p.deliver.fhir.token-auth", "private_key_jwt")
        .set("p2p.deliver.fhir.private-key-file", folder.resolve("key.jwk").toString())
        .start();
    TokenClient client = bundle.bean("fhirServer", FhirServer.class).credentials().orElseThrow();

    assertThat(bundle.bean("tokens", Tokens.class).get(client).value()).isEqualTo("t");
    assertThat(assertion("/token").getJWTClaimsSet().getIssuer()).isEqualTo("me");
  }

  @Test
  void eachRequestOnTheWayToATokenHasTheHeadersThatAreSetForIt() throws Exception {
    bundle
        .set("p2p.payers.bison.extra-headers", "X-Api-Key: api-17")
        .set("p2p.payers.bison.token-headers", "X-Api-Key: token-18; X-More: 1")
        .set("p2p.payers.bison.token-parameters", "resource: urn:r; audience: https://a.example");
    configuration("'token_endpoint': '/token'");

    assertThat(value()).isEqualTo("t");

    gateway
        .server()
        .verify(
            1,
            getRequestedFor(urlEqualTo(PATH))
                .withHeader("X-Api-Key", equalTo("api-17"))
                .withoutHeader("X-More"));
    gateway
        .server()
        .verify(
            1,
            postRequestedFor(urlEqualTo("/token"))
                .withHeader("X-Api-Key", equalTo("token-18"))
                .withHeader("X-More", equalTo("1"))
                .withFormParam("grant_type", equalTo("client_credentials"))
                .withFormParam("resource", equalTo("urn:r"))
                .withFormParam("audience", equalTo("https://a.example")));
  }

  @Test
  void theFhirServersEndpointGetsWhatItWantsBesideTheStandard() throws Exception {
    bundle
        .set("p2p.deliver.fhir.base-url", gateway.url() + "/fhir")
        .set("p2p.deliver.fhir.token-url", gateway.url() + "/token")
        .set("p2p.deliver.fhir.client-id", "me")
        .set("p2p.deliver.fhir.client-secret", "secret")
        .set("p2p.deliver.fhir.token-parameters", "resource: https://fhir.example")
        .set("p2p.deliver.fhir.token-headers", "X-Api-Key: key-19")
        .start();
    TokenClient client = bundle.bean("fhirServer", FhirServer.class).credentials().orElseThrow();

    assertThat(bundle.bean("tokens", Tokens.class).get(client).value()).isEqualTo("t");

    gateway
        .server()
        .verify(
            1,
            postRequestedFor(urlEqualTo("/token"))
                .withHeader("X-Api-Key", equalTo("key-19"))
                .withFormParam("client_id", equalTo("me"))
                .withFormParam("resource", equalTo("https://fhir.example")));
  }

  private void showCertificate() throws Exception {
    bundle
        .set(
            "p2p.payers.bison.key-store", TestCertificate.make(folder, "own").keyStore().toString())
        .set("p2p.payers.bison.key-store-password", TestCertificate.PASSWORD);
  }

  private void configuration(String fields) throws Exception {
    gateway.stub(
        get(urlEqualTo(PATH)).willReturn(okJson("{%s}".formatted(fields).replace('\'', '"'))));
    if (!started) {
      started = true;
      bundle.start();
    }
  }

  private static ResponseDefinitionBuilder token() {
    return okJson("{\"access_token\":\"t\",\"expires_in\":300}");
  }

  private String value() {
    return bundle.bean("tokens", Tokens.class).get(client()).value();
  }

  private String renew() {
    return bundle.bean("tokens", Tokens.class).renew(client()).value();
  }

  private TokenClient client() {
    return bundle.bean("payers", Payers.class).get("bison").client();
  }

  private String refusal() {
    return failure(FailureReason.TOKEN_REFUSED);
  }

  private String failure(FailureReason reason) {
    TransferException none =
        (TransferException)
            assertThatThrownBy(this::value).isInstanceOf(TransferException.class).actual();
    assertThat(none.reason()).isEqualTo(reason);
    return none.getMessage();
  }

  private SignedJWT assertion(String path) throws Exception {
    String form =
        gateway.server().findAll(postRequestedFor(urlEqualTo(path))).get(0).getBodyAsString();
    String encoded = form.replaceAll(".*client_assertion=([^&]*).*", "$1");
    return SignedJWT.parse(URLDecoder.decode(encoded, StandardCharsets.UTF_8));
  }
}
