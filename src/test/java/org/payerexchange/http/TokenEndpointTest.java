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
import static org.payerexchange.http.TokenCalls.FILE;
import static org.payerexchange.http.TokenCalls.TOKEN_PATH;

import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.auth.ClientSecret;
import org.payerexchange.auth.TokenAuth;
import org.payerexchange.auth.TokenExtras;
import org.payerexchange.payer.Payer;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.PlainPayer;

/** What token endpoints are asked, and how their answers are read. */
class TokenEndpointTest {
  private static final String ID = "a client:1";
  private static final String SECRET = "s&cret=+|é";

  @RegisterExtension final Gateway gateway = new Gateway();
  @RegisterExtension final Gateway elsewhere = new Gateway();
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'token_type': 'bearer', 'expires_in': '3600'",
        "'token_type': 'BearerToken', 'expires_in': 3599.97, 'scope': null",
        "'token_type': 'Bearer', 'expires_in': '3600 seconds'",
        "'token_type': 'bearer ', 'expires_in': -1",
        "'token_type': 7, 'expires_in': 0",
        "'token_type': null, 'expires_in': null",
        "'expires_in': 99999999999999999999999999",
        "'expires_in': '1e400'",
        "'expires_in': 'NaN'",
        "'expires_in': {'seconds': 3600}",
        "'expires_in': [3600], 'error': null, 'more': {'of': ['it']}"
      })
  void anOptionalFieldInWhateverFormSpoilsNoToken(String fields) {
    gateway.stub(
        tokenRequest()
            .willReturn(okJson("{'access_token': 't', %s}".formatted(fields).replace('\'', '"'))));
    gateway.stub(
        get(urlEqualTo(FILE)).withHeader("Authorization", equalTo("Bearer t")).willReturn(ok("x")));
    Payer payer = payer(TokenAuth.CLIENT_SECRET_POST, true);

    assertThat(calls.call(payer)).isNull();
    assertThat(calls.call(payer)).isNull();

    gateway.server().verify(1, postRequestedFor(urlEqualTo(TOKEN_PATH)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"access_token\": 4711}",
        "{\"access_token\": {\"value\": \"4711\"}}",
        "{\"access_token\": [\"4711\"]}",
        "{\"access_token\": \"4711\\r\\nX-Mine: 4711\"}",
        "{\"access_token\": \" \"}",
        "{\"access_token\": null}",
        "{\"token\": \"4711\"}",
        "{\"access_token\": \"error: invalid client_secret 4711\", \"expires_in\": 0}",
        "{\"access_token\": \"Bearer 4711\"}",
        "{\"tokenData\": {\"access_token\": \"4711\"}, \"success\": true}",
        "access_token=4711&token_type=bearer",
        "[\"4711\"]",
        "\"4711\"",
        "<html>4711</html>",
        ""
      })
  void anAnswerWithoutATokenThatIsATextForAHeaderIsNamedWithoutItsText(String answer) {
    gateway.stub(tokenRequest().willReturn(ok(answer)));

    TransferException failure = calls.failure(payer(TokenAuth.CLIENT_SECRET_POST, true));

    assertThat(failure.reason()).isEqualTo(FailureReason.TOKEN_REFUSED);
    assertThat(failure.getMessage()).contains("token endpoint").doesNotContain("4711");
  }

  @Test
  void anAnswerThatBeginsWithAByteOrderMarkIsRead() {
    gateway.stub(tokenRequest().willReturn(ok("\uFEFF{\"access_token\": \"t\"}")));
    gateway.stub(
        get(urlEqualTo(FILE)).withHeader("Authorization", equalTo("Bearer t")).willReturn(ok("x")));

    assertThat(calls.call(payer(TokenAuth.CLIENT_SECRET_POST, true))).isNull();
  }

  @Test
  void anErrorInAnAnswer200IsARefusal() {
    gateway.stub(tokenRequest().willReturn(okJson("{\"error\": \"invalid_client\"}")));

    TransferException failure = calls.failure(payer(TokenAuth.CLIENT_SECRET_POST, true));

    assertThat(failure.reason()).isEqualTo(FailureReason.TOKEN_REFUSED);
    assertThat(failure).hasMessage("the token endpoint refused the client: invalid_client");
  }

  @ParameterizedTest
  @CsvSource({
    "301, TOKEN_REFUSED",
    "308, TOKEN_REFUSED",
    "400, TOKEN_REFUSED",
    "401, TOKEN_REFUSED",
    "403, TOKEN_REFUSED",
    "404, TOKEN_REFUSED",
    "405, TOKEN_REFUSED",
    "408, PAYER_UNAVAILABLE",
    "415, TOKEN_REFUSED",
    "425, PAYER_UNAVAILABLE",
    "429, PAYER_BUSY",
    "500, PAYER_UNAVAILABLE"
  })
  void whatWillNotChangeByItselfIsARefusalAndTheRestCanPass(int code, FailureReason reason) {
    gateway.stub(tokenRequest().willReturn(redirecting(code)));

    assertThat(calls.failure(payer(TokenAuth.CLIENT_SECRET_POST, true)).reason()).isEqualTo(reason);
  }

  @ParameterizedTest
  @CsvSource({"307, true", "308, true", "302, false", "307, false"})
  void theCredentialsFollowARedirectWithinTheEndpointsOwnOriginAlone(int code, boolean own) {
    String origin = own ? gateway.url() : elsewhere.foreignUrl();
    gateway.stub(tokenRequest().willReturn(status(code).withHeader("Location", origin + "/there")));
    gateway.stub(post(urlEqualTo("/there")).willReturn(okJson("{\"access_token\": \"t\"}")));
    gateway.stub(get(urlEqualTo(FILE)).willReturn(ok("x")));

    Exception failure = calls.call(payer(TokenAuth.CLIENT_SECRET_POST, true));

    assertThat(failure == null).isEqualTo(own);
    assertThat(elsewhere.server().getAllServeEvents()).isEmpty();
  }

  @Test
  void byBasicTheCredentialsAreFormEncodedFirst() {
    LoggedRequest request = tokenRequestOf(payer(TokenAuth.CLIENT_SECRET_BASIC, true));

    assertThat(basic(request)).isEqualTo("a+client%3A1:s%26cret%3D%2B%7C%C3%A9");
    assertThat(request.getBodyAsString()).isEqualTo("grant_type=client_credentials&scope=read");
  }

  @Test
  void byBasicTheCredentialsGoRawWhereTheServerTakesThemSo() {
    LoggedRequest request = tokenRequestOf(payer("client", TokenAuth.CLIENT_SECRET_BASIC, false));

    assertThat(basic(request)).isEqualTo("client:" + SECRET);
  }

  @ParameterizedTest
  @EnumSource(
      value = TokenAuth.class,
      names = {"CLIENT_SECRET_POST", "CLIENT_SECRET_BASIC"})
  void whatAnEndpointWantsBesideTheStandardStandsBehindTheOtherFields(TokenAuth way) {
    LoggedRequest request =
        tokenRequestOf(
            wanting(
                way, new TokenExtras(Map.of("audience", "https://a.example/?a=b&c"), Map.of())));

    assertThat(request.getBodyAsString())
        .endsWith(
            "grant_type=client_credentials&scope=read&audience=https%3A%2F%2Fa.example%2F%3Fa%3Db%26c");
  }

  @Test
  void theHeadersOfATokenRequestGoWithNoOtherCall() {
    Payer payer =
        wanting(
            TokenAuth.CLIENT_SECRET_BASIC,
            new TokenExtras(Map.of(), Map.of("X-Api-Key", "key-17")));
    LoggedRequest request = tokenRequestOf(payer);

    assertThat(request.getHeader("X-Api-Key")).isEqualTo("key-17");
    assertThat(request.getHeader("Authorization")).startsWith("Basic ");
    gateway.server().verify(getRequestedFor(urlEqualTo(FILE)).withoutHeader("X-Api-Key"));
  }

  private Payer wanting(TokenAuth way, TokenExtras extras) {
    ClientSecret secret = new ClientSecret("p2p.payers.bison", SECRET, Optional.empty());
    return calls.payer(gateway, ID, PlainPayer.credentials(secret), way, true, extras);
  }

  private static String basic(LoggedRequest request) {
    String header = request.getHeader("Authorization");
    assertThat(header).startsWith("Basic ");
    return new String(
        Base64.getDecoder().decode(header.substring("Basic ".length())), StandardCharsets.UTF_8);
  }

  private LoggedRequest tokenRequestOf(Payer payer) {
    gateway.stub(tokenRequest().willReturn(okJson("{\"access_token\": \"t\"}")));
    gateway.stub(
        get(urlEqualTo(FILE)).withHeader("Authorization", equalTo("Bearer t")).willReturn(ok("x")));
    assertThat(calls.call(payer)).isNull();
    return gateway.server().findAll(postRequestedFor(urlEqualTo(TOKEN_PATH))).get(0);
  }

  private ResponseDefinitionBuilder redirecting(int code) {
    return code < 400
        ? status(code).withHeader("Location", "http://elsewhere.example/token")
        : status(code);
  }

  private static MappingBuilder tokenRequest() {
    return post(urlEqualTo(TOKEN_PATH));
  }

  private Payer payer(TokenAuth auth, boolean encode) {
    return payer(ID, auth, encode);
  }

  private Payer payer(String clientId, TokenAuth auth, boolean encode) {
    ClientSecret secret = new ClientSecret("p2p.payers.bison", SECRET, Optional.empty());
    return calls.payer(gateway, clientId, PlainPayer.credentials(secret), auth, encode);
  }
}
