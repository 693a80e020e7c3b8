package org.payerexchange.http;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.impl.engine.DefaultUnitOfWork;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.dialect.GatewayRequest;
import org.payerexchange.dialect.OneUp;
import org.payerexchange.payer.CallLimits;
import org.payerexchange.payer.ExtraHeaders;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.TokenOnFiles;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.PlainPayer;
import org.payerexchange.support.TestBundle;

class PayerCallTest {
  private static final String TOKEN_PATH = "/auth/realms/dev-portal/protocol/openid-connect/token";
  private static final String FILE = "/v1/bison/bulk-data/r4/$export/file/one.ndjson";

  @TempDir static Path folder;
  private static TestBundle bundle;
  private static TestBundle impatient;
  private static int payers;

  @RegisterExtension final Gateway gateway = new Gateway();
  @RegisterExtension final Gateway elsewhere = new Gateway();

  private Payer payer;

  @BeforeAll
  static void startBundle() throws Exception {
    bundle =
        TestBundle.in(folder.resolve("patient"))
            .set("p2p.http.response-timeout", "10s")
            .set("p2p.http.answer-timeout", "10s")
            .set("p2p.http.max-answer-bytes", "100000")
            .start();
    impatient =
        TestBundle.in(folder.resolve("impatient"))
            .set("p2p.http.response-timeout", "2s")
            .set("p2p.http.answer-timeout", "1s")
            .start();
  }

  @AfterAll
  static void stopBundle() {
    bundle.close();
    impatient.close();
  }

  @BeforeEach
  void nameANewPayer() {
    payer = payer(Set.of());
  }

  @Test
  void theTokenRequestIsThatOfTheReferencePage() {
    gateway.stub(tokenRequest().willReturn(token("t1")));
    gateway.stub(get(urlEqualTo(FILE)).willReturn(ok("{}")));

    assertThat(call(request(FILE))).isEqualTo("{}");

    LoggedRequest request =
        gateway.server().findAll(postRequestedFor(urlEqualTo(TOKEN_PATH))).get(0);
    assertThat(request.getHeader("Content-Type")).startsWith("application/x-www-form-urlencoded");
    assertThat(request.getBodyAsString())
        .isEqualTo(
            "client_id=the+client&client_secret=s%26cret%3D%2B%7C&grant_type=client_credentials"
                + "&scope=member-match%7Cread");
    assertThat(request.containsHeader("Authorization")).isFalse();
  }

  @Test
  void headersThatAPayerWantsGoToItsOwnOriginAndNotWithItsTokenRequest() {
    Payer plain = payer(Set.of(hostOf(elsewhere)));
    payer =
        new Payer(
            plain.client(),
            plain.baseUrl(),
            plain.aliasHosts(),
            plain.aliasBases(),
            plain.trustedHosts(),
            plain.dialect(),
            8,
            ExtraHeaders.of("environment: test; Prefer: handling=lenient"),
            TokenOnFiles.MANIFEST,
            false,
            CallLimits.NONE);
    gateway.stub(tokenRequest().willReturn(token("t1")));
    gateway.stub(
        get(urlEqualTo(FILE))
            .willReturn(status(307).withHeader("Location", elsewhere.url() + FILE)));
    elsewhere.stub(get(urlEqualTo(FILE)).willReturn(ok("{}")));

    assertThat(call(request(FILE))).isEqualTo("{}");

    LoggedRequest own = gateway.server().findAll(getRequestedFor(urlEqualTo(FILE))).get(0);
    assertThat(own.getHeader("environment")).isEqualTo("test");
    assertThat(own.getHeader("Prefer")).isEqualTo("handling=lenient");
    assertThat(own.getHeader("Accept")).isEqualTo("application/fhir+json");
    LoggedRequest token = gateway.server().findAll(postRequestedFor(urlEqualTo(TOKEN_PATH))).get(0);
    assertThat(token.containsHeader("environment")).isFalse();
    LoggedRequest other = elsewhere.server().findAll(getRequestedFor(urlEqualTo(FILE))).get(0);
    assertThat(other.containsHeader("environment")).isFalse();
    assertThat(other.containsHeader("Prefer")).isFalse();
  }

  @Test
  void whoAsksAgainAndAgainKeepsNothingOfTheAnswersBefore() throws Exception {
    gateway.stub(tokenRequest().willReturn(token("t1")));
    gateway.stub(get(urlEqualTo(FILE)).willReturn(ok("{}")));
    Exchange step = new DefaultExchange(bundle.context());
    step.getExchangeExtension().setUnitOfWork(new DefaultUnitOfWork(step));

    for (int asked = 0; asked < 20; asked++) {
      step.getMessage().setBody(request(FILE));
      bundle.template().send("direct:call-payer", step);
      assertThat(step.getMessage().getBody(String.class)).isEqualTo("{}");
    }

    Exchange atItsEnd = new DefaultExchange(bundle.context());
    step.getUnitOfWork().handoverSynchronization(atItsEnd);
    assertThat(atItsEnd.getExchangeExtension().handoverCompletions()).hasSizeLessThan(4);
  }

  @Test
  void fiftyCallersAtOnceMakeOneTokenRequest() throws Exception {
    gateway.stub(tokenRequest().willReturn(token("t1").withFixedDelay(300)));
    gateway.stub(authorised("t1").willReturn(ok("{}")));

    List<Object> answers = inParallel(50, () -> call(request(FILE)));

    assertThat(answers).hasSize(50).containsOnly("{}");
    gateway.server().verify(1, postRequestedFor(urlEqualTo(TOKEN_PATH)));
  }

  @Test
  void aTokenThatIsRefusedInMidJobIsReplacedOnceForAllCallers() throws Exception {
    gateway.inTurn(PayerCallTest::tokenRequest, token("t1"), token("t2").withFixedDelay(200));
    gateway.stub(authorised("t1").willReturn(status(401)));
    gateway.stub(authorised("t2").willReturn(ok("{}")));
    CountDownLatch refused = new CountDownLatch(20);
    gateway
        .server()
        .addMockServiceRequestListener(
            (request, answer) -> {
              if (answer.getStatus() == 401) {
                refused.countDown();
                awaitAll(refused);
              }
            });

    List<Object> answers = inParallel(20, () -> call(request(FILE)));

    assertThat(answers).hasSize(20).containsOnly("{}");
    gateway.server().verify(2, postRequestedFor(urlEqualTo(TOKEN_PATH)));
    gateway.server().verify(40, getRequestedFor(urlEqualTo(FILE)));
  }

  private static void awaitAll(CountDownLatch latch) {
    try {
      assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aSecond401Fails() {
    gateway.stub(tokenRequest().willReturn(token("t1")));
    gateway.stub(get(urlEqualTo(FILE)).willReturn(status(401)));

    assertThat(failure(request(FILE)).reason()).isEqualTo(FailureReason.PAYER_REFUSED);
    gateway.server().verify(2, getRequestedFor(urlEqualTo(FILE)));
  }

  @Test
  void aTokenEndpointThatRefusesIsNotAskedAgainWhileItsPayerIsHeldAndNamesItsCodeOnly() {
    gateway.stub(
        tokenRequest()
            .willReturn(
                status(401)
                    .withBody(
                        "{\"error\":\"invalid_client\",\"error_description\":\"s&cret is bad\"}")));

    for (int i = 0; i < 5; i++) {
      TransferException failure = failure(request(FILE));
      assertThat(failure.reason()).isEqualTo(FailureReason.TOKEN_REFUSED);
      assertThat(failure).hasMessage("the token endpoint refused the client: 401 invalid_client");
    }
    gateway.server().verify(1, postRequestedFor(urlEqualTo(TOKEN_PATH)));
  }

  @Test
  void aTokenEndpointThatIsAwayCanPass() {
    gateway.stub(tokenRequest().willReturn(status(503)));
    assertThat(failure(request(FILE)).reason()).isEqualTo(FailureReason.PAYER_UNAVAILABLE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/bison/bulk-data/r4/$export/file/a%2Fb%20c.ndjson",
        "/v1/bison/bulk-data/r4/Group/g-1/$export?_type=Patient%2CCoverage&_outputFormat=a%2Bb",
        "/v1/bison/x?sig=a%2Fb%3D%3D&empty=&flag&z=1&a=2",
        "/v1/bison/a;v=1/b:c@d!e'(f)*,+=~",
        "/v1/bison//double/../dots/./here",
        "/v1/bison/%7B%7Benv:HOME%7D%7D/%25",
        "/v1/bison/x?a=b+c&d=%C3%A9&e=100%25&f=a?b/c"
      })
  void pathsAndQueriesTravelByteForByte(String path) {
    gateway.stub(tokenRequest().willReturn(token("t1")));
    gateway.stub(get(anyUrl()).atPriority(10).willReturn(ok("{}")));

    assertThat(call(request(path))).isEqualTo("{}");

    assertThat(gateway.server().findAll(getRequestedFor(anyUrl())))
        .extracting(LoggedRequest::getUrl)
        .containsExactly(path);
  }

  @Test
  void nothingOfTheMessageTravelsButTheRequest() {
    gateway.stub(tokenRequest().willReturn(token("t1")));
    gateway.stub(get(urlEqualTo(FILE)).willReturn(ok("{}").withHeader("X-Answer", "yes")));

    Exchange done =
        exchange(
            PayerRequest.get(payer, url(FILE), Map.of("Accept", "application/json"), Set.of(200)),
            Map.of(
                "memberId",
                "M-4711",
                "CamelHttpQuery",
                "member=M-4711",
                "CamelHttpPath",
                "/elsewhere",
                "Authorization",
                "Basic secret"));

    LoggedRequest sent = gateway.server().findAll(getRequestedFor(urlEqualTo(FILE))).get(0);
    assertThat(new HashSet<>(sent.getAllHeaderKeys()))
        .containsExactlyInAnyOrder(
            "Accept",
            "Accept-Encoding",
            "Authorization",
            "Connection",
            "Host",
            "User-Agent",
            "X-Request-ID");
    assertThat(sent.getHeader("Authorization")).isEqualTo("Bearer t1");
    assertThat(done.getMessage().getHeaders())
        .containsEntry("X-Answer", "yes")
        .containsEntry(Exchange.HTTP_RESPONSE_CODE, 200)
        .doesNotContainKeys("Authorization", "memberId");
    assertThat(done.getVariables()).containsOnlyKeys("claim");
  }

  @Test
  void aPostCarriesItsBodyAndTypeAsTheyAre() {
    gateway.stub(tokenRequest().willReturn(token("t1")));
    gateway.stub(post(urlEqualTo("/v1/bison/member-match/$member-match")).willReturn(okJson("{}")));

    call(posted("/member-match/$member-match", "{\"family\":\"Müller\"}"));

    LoggedRequest sent =
        gateway
            .server()
            .findAll(postRequestedFor(urlEqualTo("/v1/bison/member-match/$member-match")))
            .get(0);
    assertThat(sent.getHeader("Content-Type")).isEqualTo("application/json");
    assertThat(new String(sent.getBody(), UTF_8)).isEqualTo("{\"family\":\"Müller\"}");
  }

  @Test
  void aRedirectToAForeignHostGetsNoRequestAndNoToken() {
    gateway.stub(tokenRequest().willReturn(token("t1")));
    gateway.stub(
        get(urlEqualTo(FILE))
            .willReturn(
                status(302).withHeader("Location", elsewhere.foreignUrl() + "/one.ndjson")));

    assertThat(failure(request(FILE)).reason()).isEqualTo(FailureReason.FOREIGN_HOST);
    assertThat(elsewhere.server().getAllServeEvents()).isEmpty();
  }

  @Test
  void aRedirectToATrustedHostIsFollowedWithoutTheToken() {
    payer = payer(Set.of(hostOf(elsewhere)));
    gateway.stub(tokenRequest().willReturn(token("t1")));
    gateway.stub(
        get(urlEqualTo(FILE))
            .willReturn(status(307).withHeader("Location", elsewhere.url() + "/a%2Fb?sig=%3D")));
    elsewhere.stub(get(urlEqualTo("/a%2Fb?sig=%3D")).willReturn(ok("{}")));

    assertThat(call(request(FILE))).isEqualTo("{}");
    assertThat(elsewhere.server().findAll(getRequestedFor(anyUrl())).get(0).getHeaders().keys())
        .noneMatch(name -> name.equalsIgnoreCase("Authorization"));
  }

  @Test
  void whatCamelWouldReplaceInAnUrlStaysAsThePayerWroteIt() {
    gateway.stub(tokenRequest().willReturn(token("t1")));
    for (String braces : List.of("{{p2p.ops.host}}", "%7B%7Bp2p.ops.host%7D%7D")) {
      gateway.stub(
          get(urlEqualTo(FILE))
              .willReturn(status(302).withHeader("Location", "/v1/bison/" + braces)));
      gateway.stub(get(urlEqualTo("/v1/bison/%7B%7Bp2p.ops.host%7D%7D")).willReturn(status(404)));

      assertThat(failure(request(FILE)).reason()).isNotNull();
    }
    assertThat(gateway.server().findAll(anyRequestedFor(anyUrl())))
        .extracting(LoggedRequest::getUrl)
        .noneMatch(url -> url.contains("127.0.0.1"));
  }

  @Test
  void headersOfAnAnswerSteerNothing() {
    gateway.stub(tokenRequest().willReturn(steering(token("t1"))));
    gateway.stub(
        get(urlEqualTo(FILE))
            .willReturn(steering(status(302).withHeader("Location", "/v1/bison/moved"))));
    gateway.stub(
        get(urlEqualTo("/v1/bison/moved"))
            .withHeader("Authorization", equalTo("Bearer t1"))
            .willReturn(steering(ok("{}"))));

    assertThat(call(request(FILE))).isEqualTo("{}");
    assertThat(elsewhere.server().getAllServeEvents()).isEmpty();
  }

  private ResponseDefinitionBuilder steering(ResponseDefinitionBuilder answer) {
    return answer
        .withHeader("CamelHttpUri", elsewhere.url())
        .withHeader("CAMELHTTPURI", elsewhere.url())
        .withHeader("camelHttpMethod", "DELETE")
        .withHeader("CamelHttpResponseCode", "500")
        .withHeader("cAMELbEANmETHODnAME", "toString")
        .withHeader("CamelFileName", "../../x")
        .withHeader("Payer-Exchange-Payer", "heron")
        .withHeader("Payer-Exchange-Target", "/elsewhere")
        .withHeader("Long-Running-Action", elsewhere.url());
  }

  @Test
  void aRedirectAtThePayerKeepsTheTokenAndMayBeRelative() {
    gateway.stub(tokenRequest().willReturn(token("t1")));
    gateway.stub(
        get(urlEqualTo(FILE)).willReturn(status(302).withHeader("Location", "/v1/bison/$moved")));
    gateway.stub(
        get(urlEqualTo("/v1/bison/$moved"))
            .withHeader("Authorization", equalTo("Bearer t1"))
            .willReturn(ok("{}")));

    assertThat(call(request(FILE))).isEqualTo("{}");
  }

  @Test
  void aRedirectToAnAliasHostLeadsToTheBaseUrl() {
    gateway.stub(tokenRequest().willReturn(token("t1")));
    gateway.stub(
        get(urlEqualTo(FILE))
            .willReturn(
                status(302).withHeader("Location", "https://gateway.alias.example/v1/a%2Fb?c=d")));
    gateway.stub(
        get(urlEqualTo("/v1/a%2Fb?c=d"))
            .withHeader("Authorization", equalTo("Bearer t1"))
            .willReturn(ok("{}")));

    assertThat(call(request(FILE))).isEqualTo("{}");
  }

  @Test
  void aSixthRedirectIsRefused() {
    gateway.stub(tokenRequest().willReturn(token("t1")));
    gateway.stub(get(urlEqualTo(FILE)).willReturn(status(302).withHeader("Location", FILE)));

    assertThat(failure(request(FILE)).reason()).isEqualTo(FailureReason.PAYER_REFUSED);
    gateway.server().verify(6, getRequestedFor(urlEqualTo(FILE)));
  }

  @Test
  void aBodyIsNotRedirectedToATrustedHost() {
    payer = payer(Set.of(hostOf(elsewhere)));
    gateway.stub(tokenRequest().willReturn(token("t1")));
    gateway.stub(
        post(urlEqualTo("/v1/bison/match"))
            .willReturn(status(307).withHeader("Location", elsewhere.url() + "/match")));

    assertThat(failure(matchRequest()).reason()).isEqualTo(FailureReason.FOREIGN_HOST);
    assertThat(elsewhere.server().getAllServeEvents()).isEmpty();
  }

  @Test
  void theTokenStaysAtHomeWhereARequestDoesWithoutIt() {
    gateway.stub(get(urlEqualTo(FILE)).willReturn(ok("{}")));

    call(
        new PayerRequest(
            RequestKind.FILE,
            payer,
            "GET",
            url(FILE),
            false,
            Map.of(),
            null,
            null,
            Set.of(200),
            false,
            false));

    assertThat(
            gateway
                .server()
                .findAll(getRequestedFor(urlEqualTo(FILE)))
                .get(0)
                .containsHeader("Authorization"))
        .isFalse();
  }

  @Test
  void a401ToARequestWithoutTokenAsksForNone() {
    gateway.stub(get(urlEqualTo(FILE)).willReturn(status(401)));

    assertThat(
            failure(
                    PayerRequest.live(
                        RequestKind.FILE, payer, url(FILE), false, Map.of(), Set.of(200)))
                .reason())
        .isEqualTo(FailureReason.PAYER_REFUSED);
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 503})
  void aPayerThatAsksToWaitIsBusyForThatLong(int code) {
    gateway.stub(tokenRequest().willReturn(token("t1")));
    gateway.stub(get(urlEqualTo(FILE)).willReturn(status(code).withHeader("Retry-After", "7200")));

    TransferException failure = failure(request(FILE));

    assertThat(failure.reason()).isEqualTo(FailureReason.PAYER_BUSY);
    assertThat(failure.retryAfter()).contains(Duration.ofHours(2));
    gateway.server().verify(1, getRequestedFor(urlEqualTo(FILE)));
  }

  @Test
  void whoHasNotTheMediaTypeThatIsAskedForIsAskedForAny() throws Exception {
    gateway.stub(tokenRequest().willReturn(token("t1")));
    gateway.stub(authorised("t1").willReturn(status(406)));
    gateway.stub(authorised("t1").withHeader("Accept", equalTo("*/*")).willReturn(ok("{}")));

    assertThat(call(request(FILE))).isEqualTo("{}");

    gateway.server().verify(2, getRequestedFor(urlEqualTo(FILE)));
  }

  @Test
  void aSecond406Fails() {
    gateway.stub(tokenRequest().willReturn(token("t1")));
    gateway.stub(authorised("t1").willReturn(status(406)));

    assertThat(failure(request(FILE)).reason()).isEqualTo(FailureReason.PAYER_REFUSED);
    gateway.server().verify(2, getRequestedFor(urlEqualTo(FILE)));
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 503})
  void howLongAPayerWithASlowClockIsBusyCountsFromItsAnswersDate(int code) {
    gateway.stub(tokenRequest().willReturn(token("t1")));
    gateway.stub(
        get(urlEqualTo(FILE))
            .willReturn(
                status(code)
                    .withHeader("Date", "Mon, 23 Nov 2020 17:00:00 GMT")
                    .withHeader("Retry-After", "Mon, 23 Nov 2020 19:00:00 GMT")));

    TransferException failure = failure(request(FILE));

    assertThat(failure.reason()).isEqualTo(FailureReason.PAYER_BUSY);
    assertThat(failure.retryAfter()).contains(Duration.ofHours(2));
  }

  @Test
  void anErrorNamesTheCodesOfAnOperationOutcomeAndNothingElse() {
    gateway.stub(tokenRequest().willReturn(token("t1")));
    gateway.stub(
        get(urlEqualTo(FILE))
            .willReturn(
                status(400)
                    .withBody(
                        """
                        {"resourceType": "OperationOutcome", "issue": [{"severity": "error",
                         "code": "not-found", "diagnostics": "no member Erika Mustermann"},
                         {"code": "Erika Mustermann"}]}""")));

    assertThat(failure(request(FILE))).hasMessage("payer %s answered 400 (not-found)", payer.id());
  }

  @Test
  void anAnswerThatBreaksOffIsAnIoError() {
    gateway.stub(tokenRequest().willReturn(token("t1")));
    gateway.stub(
        get(urlEqualTo(FILE)).willReturn(aResponse().withFault(Fault.RANDOM_DATA_THEN_CLOSE)));
    assertThat(exception(request(FILE))).isInstanceOf(IOException.class);

    gateway.stub(
        get(urlEqualTo(FILE)).willReturn(ok("{}").withFault(Fault.MALFORMED_RESPONSE_CHUNK)));
    assertThat(exception(request(FILE))).isInstanceOf(IOException.class);
  }

  @Test
  void anAnswerThatNeverEndsOrIsTooLongIsGivenUp() {
    gateway.stub(tokenRequest().willReturn(token("t1")));
    gateway.stub(
        get(urlEqualTo(FILE)).willReturn(ok("x".repeat(300)).withChunkedDribbleDelay(100, 20_000)));
    PayerRequest unpacked =
        PayerRequest.get(payer, url(FILE), Map.of("Accept-Encoding", "identity"), Set.of(200));
    assertThat(failure(impatient, unpacked).reason()).isEqualTo(FailureReason.PAYER_UNAVAILABLE);

    gateway.stub(get(urlEqualTo(FILE)).willReturn(ok("x".repeat(200_000))));
    assertThat(failure(request(FILE)).reason()).isEqualTo(FailureReason.TOO_LARGE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "x\r\nx: "})
  void anAnswerWhoseHeadNeverEndsIsGivenUp(String piece) throws Exception {
    try (EndlessHead server = EndlessHead.of(piece, Duration.ofMillis(20))) {
      assertThat(inTheBackground(impatient, server))
          .succeedsWithin(Duration.ofMinutes(1))
          .isNotNull();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "x\r\nx: "})
  void aHeadIsNotReadBeyondItsBounds(String piece) throws Exception {
    try (EndlessHead server = EndlessHead.of(piece.repeat(20_000), Duration.ofMillis(1))) {
      assertThat(inTheBackground(bundle, server)).succeedsWithin(Duration.ofMinutes(1)).isNotNull();
      assertThat(server.sent()).isLessThan(10_000_000);
    }
  }

  private CompletableFuture<Exception> inTheBackground(TestBundle caller, EndlessHead server) {
    gateway.stub(tokenRequest().willReturn(token("t1")));
    PayerRequest request = PayerRequest.get(payer, server.url(), Map.of(), Set.of(200));
    return CompletableFuture.supplyAsync(() -> exchange(caller, request, Map.of()).getException());
  }

  @Test
  void aPackedAnswerIsUnpackedAndPartOfAFileIsNeverPacked() {
    gateway.stub(tokenRequest().willReturn(token("t1")));
    gateway.stub(get(urlEqualTo(FILE)).willReturn(ok("{\"long\": \"" + "x".repeat(5000) + "\"}")));

    assertThat(call(request(FILE)).toString()).hasSize(5012);
    assertThat(
            gateway
                .server()
                .findAll(getRequestedFor(urlEqualTo(FILE)))
                .get(0)
                .getHeader("Accept-Encoding"))
        .isEqualTo("gzip");

    gateway.server().resetRequests();
    call(PayerRequest.get(payer, url(FILE), Map.of("Range", "bytes=10-"), Set.of(200)));
    assertThat(
            gateway
                .server()
                .findAll(getRequestedFor(urlEqualTo(FILE)))
                .get(0)
                .getHeader("Accept-Encoding"))
        .isEqualTo("identity");
  }

  @Test
  void anEmptyAnswerThatIsSaidToBePackedIsAnEmptyAnswer() {
    gateway.stub(tokenRequest().willReturn(token("t1")));
    gateway.stub(
        get(urlEqualTo(FILE))
            .willReturn(
                status(429).withHeader("Content-Encoding", "gzip").withHeader("Retry-After", "7")));

    TransferException failure = failure(request(FILE));

    assertThat(failure.reason()).isEqualTo(FailureReason.PAYER_BUSY);
    assertThat(failure.retryAfter()).contains(Duration.ofSeconds(7));
  }

  @Test
  void aFileIsALiveStreamAndAnAbandonedOneHoldsNothingUp() {
    gateway.stub(tokenRequest().willReturn(token("t1")));
    gateway.stub(
        get(urlEqualTo(FILE))
            .willReturn(ok("x".repeat(1_000_000)).withChunkedDribbleDelay(1_000, 60_000)));

    long start = System.nanoTime();
    Exchange done =
        exchange(
            PayerRequest.live(RequestKind.FILE, payer, url(FILE), true, Map.of(), Set.of(200)),
            Map.of());

    assertThat(done.getException()).isNull();
    assertThat(done.getMessage().getBody()).isInstanceOf(InputStream.class);
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .as("it comes before the payer has sent all")
        .isLessThan(Duration.ofSeconds(60));
  }

  @Test
  void noConnectionIsLostHoweverOftenACallFails() {
    gateway.stub(tokenRequest().willReturn(token("t1")));
    gateway.stub(get(urlEqualTo(FILE)).willReturn(status(500).withBody("x".repeat(100_000))));

    for (int i = 0; i < 250; i++) {
      assertThat(failure(request(FILE)).reason()).isEqualTo(FailureReason.PAYER_UNAVAILABLE);
    }
  }

  private MappingBuilder authorised(String token) {
    return get(urlEqualTo(FILE)).withHeader("Authorization", equalTo("Bearer " + token));
  }

  private static MappingBuilder tokenRequest() {
    return post(urlEqualTo(TOKEN_PATH));
  }

  private static ResponseDefinitionBuilder token(String token) {
    return okJson("{\"access_token\":\"%s\",\"expires_in\":300}".formatted(token));
  }

  private PayerRequest request(String path) {
    return PayerRequest.get(
        payer, url(path), Map.of("Accept", "application/fhir+json"), Set.of(200));
  }

  private PayerRequest matchRequest() {
    return posted("/match", "{}");
  }

  private PayerRequest posted(String path, String body) {
    return PayerRequest.of(
        RequestKind.MATCH,
        payer,
        new GatewayRequest("POST", path, Map.of(), body, "application/json"),
        Set.of(200),
        false);
  }

  private URI url(String path) {
    return URI.create(gateway.url() + path);
  }

  private static String hostOf(Gateway gateway) {
    return URI.create(gateway.url()).getAuthority();
  }

  private Payer payer(Set<String> trustedHosts) {
    return PlainPayer.of(
        "bison-" + payers++,
        url("/v1/bison"),
        url(TOKEN_PATH),
        "the client",
        "s&cret=+|",
        "member-match|read",
        Set.of("gateway.alias.example"),
        trustedHosts,
        new OneUp(),
        8);
  }

  private static Object call(PayerRequest request) {
    Exchange done = exchange(request, Map.of());
    assertThat(done.getException()).isNull();
    return done.getMessage().getBody(String.class);
  }

  private static Exception exception(PayerRequest request) {
    return exchange(request, Map.of()).getException();
  }

  private static TransferException failure(PayerRequest request) {
    return failure(bundle, request);
  }

  private static TransferException failure(TestBundle caller, PayerRequest request) {
    Exception exception = exchange(caller, request, Map.of()).getException();
    assertThat(exception).isInstanceOf(TransferException.class);
    return (TransferException) exception;
  }

  private static Exchange exchange(PayerRequest request, Map<String, Object> headers) {
    return exchange(bundle, request, headers);
  }

  private static Exchange exchange(
      TestBundle caller, PayerRequest request, Map<String, Object> headers) {
    return caller
        .template()
        .send(
            "direct:call-payer",
            ExchangePattern.InOut,
            exchange -> {
              exchange.getMessage().setBody(request);
              exchange.getMessage().setHeaders(new HashMap<>(headers));
              exchange.setVariable("claim", "stays");
            });
  }

  private static List<Object> inParallel(int callers, Callable<Object> call) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(callers);
    try {
      List<Future<Object>> answers = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        answers.add(executor.submit(call));
      }
      List<Object> results = new ArrayList<>();
      for (Future<Object> answer : answers) {
        results.add(answer.get());
      }
      return results;
    } finally {
      executor.shutdownNow();
    }
  }
}
