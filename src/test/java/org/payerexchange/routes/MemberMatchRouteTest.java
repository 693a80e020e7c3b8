package org.payerexchange.routes;

import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.camel.component.mock.MockEndpoint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.store.TransferLedger;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.PlainRecord;
import org.payerexchange.support.TestBundle;

/** {@code routes/member-match.camel.yaml}, up to the stages that it wakes. */
class MemberMatchRouteTest {
  private static final String TOKEN = "/auth/realms/dev-portal/protocol/openid-connect/token";
  private static final String MATCH = "/v1/bison/member-match/$member-match";

  private static final List<String> HANGING = List.of("a", "b", "c", "d", "e");

  @TempDir Path folder;
  @RegisterExtension final Gateway gateway = new Gateway();

  /** Takes connections and never says a word. */
  private ServerSocket silence;

  private TestBundle bundle;

  @BeforeEach
  void startTheStageAlone() throws Exception {
    silence = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    Path routes = Files.createDirectory(folder.resolve("routes"));
    for (String name : List.of("beans", "errors", "payer-call", "work", "member-match")) {
      String file = name + ".camel.yaml";
      Files.copy(Path.of("routes", file), routes.resolve(file));
    }
    Files.writeString(
        routes.resolve("next.camel.yaml"),
        """
        - route:
            id: kick-off-export
            from:
              uri: direct:kick-off-export
              steps: [{to: mock:kickoffs}]
        - route:
            id: send-outcome
            from:
              uri: direct:send-outcome
              steps: [{to: mock:outcomes}]
        """);
    bundle =
        TestBundle.in(folder)
            .routes(routes)
            .set("p2p.shutdown.timeout", "1s")
            .payer("bison", gateway.url());
    for (String payer : HANGING) {
      bundle.payer(payer, "http://127.0.0.1:" + silence.getLocalPort());
    }
    bundle.start();
    gateway.stub(
        post(urlEqualTo(TOKEN)).willReturn(okJson("{\"access_token\":\"t1\",\"expires_in\":300}")));
  }

  @AfterEach
  void stop() throws IOException {
    silence.close();
    bundle.close();
  }

  @Test
  void aMatchOfMoreGroupsThanAreExportedFailsAndNamesTheKey() throws Exception {
    answer(okJson("{\"groupId\":[" + groups(21) + "]}"));
    register("m-1", today());

    awaitState("FAILED");
    assertThat(reason()).isEqualTo("TOO_LARGE");
    assertThat(bundle.jdbc().sql("SELECT detail FROM transfer").query(String.class).single())
        .contains("p2p.match.max-groups");
    assertThat(bundle.jdbc().sql("SELECT id FROM export_job").query().listOfRows()).isEmpty();
  }

  @Test
  void aMatchOfAsManyGroupsAsAreExportedIsTaken() throws Exception {
    answer(okJson("{\"groupId\":[" + groups(20) + "]}"));
    register("m-1", today());

    awaitState("MATCHED");
    assertThat(bundle.jdbc().sql("SELECT id FROM export_job").query().listOfRows()).hasSize(20);
  }

  private static LocalDate today() {
    return LocalDate.now(ZoneOffset.UTC);
  }

  private static String groups(int count) {
    return IntStream.range(0, count).mapToObj("\"g-%d\""::formatted).collect(joining(","));
  }

  @Test
  void theRequestIsThatOfTheReferencePageAndComplete() throws Exception {
    answer(okJson("{\"groupId\":\"g-1\"}"));
    register("m-1", today());

    awaitState("MATCHED");
    LoggedRequest sent = gateway.server().findAll(postRequestedFor(urlEqualTo(MATCH))).get(0);
    assertThat(sent.getHeader("Content-Type")).isEqualTo("application/json");
    assertThat(sent.getHeader("Authorization")).isEqualTo("Bearer t1");
    JsonNode body = new ObjectMapper().readTree(new String(sent.getBody(), UTF_8));
    assertThat(body.path("resourceType").asText()).isEqualTo("Parameters");
    assertThat(body.path("id").asText()).isEqualTo("m-1");
    assertThat(body.at("/parameter/0/name").asText()).isEqualTo("MemberPatient");
    assertThat(body.at("/parameter/0/resource/name/0/family").asText()).isEqualTo("Müller");
    assertThat(body.at("/parameter/1/name").asText()).isEqualTo("CoverageToMatch");
    assertThat(body.at("/parameter/1/resource/beneficiary/reference").asText())
        .isEqualTo("Patient/m-1");
    assertThat(body.at("/parameter/2/name").asText()).isEqualTo("Consent");
    assertThat(body.at("/parameter/2/resource/provision/type").asText()).isEqualTo("permit");
  }

  @Test
  void theAnswerIsSplitOnGroupIdIntoKickOffs() throws Exception {
    answer(okJson("{\"groupId\":[\"g-1\",\"g-2\"]}"));
    register("m-1", today());

    awaitState("MATCHED");
    assertThat(
            bundle
                .jdbc()
                .sql(
                    "SELECT group_id, state, step.kind FROM export_job JOIN step ON item = export_job.id ORDER BY item")
                .query()
                .listOfRows())
        .extracting(Map::values)
        .extracting(List::copyOf)
        .containsExactly(
            List.of("g-1", "REQUESTED", "EXPORT_KICKOFF"),
            List.of("g-2", "REQUESTED", "EXPORT_KICKOFF"));
    MockEndpoint kickoffs = mock("kickoffs");
    await()
        .untilAsserted(
            () ->
                assertThat(kickoffs.getReceivedExchanges())
                    .extracting(exchange -> exchange.getVariable("claim", ExportJobClaim.class))
                    .extracting(ExportJobClaim::groupId)
                    .containsExactlyInAnyOrder("g-1", "g-2"));
    assertThat(count("asked_at >= received_at AND answered_at >= asked_at")).isEqualTo(1);
  }

  @Test
  void anUnprocessableRequestIsNoMatchAndTellsCodesOnly() throws Exception {
    answer(
        status(422)
            .withBody(
                """
                {"resourceType": "OperationOutcome", "issue": [{"code": "not-found",
                 "details": {"text": "Erika Müller is unknown"}}]}"""));
    register("m-1", today());

    awaitState("NO_MATCH");
    assertThat(detail()).contains("422").contains("not-found").doesNotContain("Müller");
    await().until(() -> !mock("outcomes").getReceivedExchanges().isEmpty());
  }

  @ParameterizedTest
  @CsvSource({
    "NonMatchedMembers, nomatch, NO_MATCH",
    "ConsentConstrainedMembers, consentconstraint, CONSENT_CONSTRAINED"
  })
  void aGroupOfThoseWhoDidNotMatchIsNeverExported(String name, String code, String reason)
      throws Exception {
    answer(
        okJson(
            """
            {"resourceType": "Parameters", "parameter": [{"name": "%s",
              "resource": {"resourceType": "Group", "id": "nomatch-group-001", "type": "person",
                "actual": true, "code": {"coding": [{"system":
                "http://hl7.org/fhir/us/davinci-pdex/CodeSystem/PdexMultiMemberMatchResultCS",
                "code": "%s"}]}}}]}"""
                .formatted(name, code)));
    register("m-1", today());

    awaitState("NO_MATCH");
    assertThat(reason()).isEqualTo(reason);
    assertThat(bundle.jdbc().sql("SELECT COUNT(*) FROM export_job").query(Long.class).single())
        .isZero();
    await().until(() -> !mock("outcomes").getReceivedExchanges().isEmpty());
  }

  @Test
  void aRefusalKeepsTheServersOwnCodeAndNoneThatWasSent() throws Exception {
    answer(
        status(422)
            .withBody(
                """
                {"resourceType": "OperationOutcome", "issue": [
                 {"code": "processing", "diagnostics": "HAPI-1158: Consent of Müller refused"},
                 {"code": "processing", "diagnostics": "MBR-4711: unknown"}]}"""));
    register("MBR-4711", today());

    awaitState("NO_MATCH");
    assertThat(reason()).isEqualTo("CONSENT_CONSTRAINED");
    assertThat(detail()).contains("HAPI-1158").doesNotContain("Müller").doesNotContain("4711");
  }

  @Test
  void anAnswerWithoutGroupIdFailsWithARedactedBody() throws Exception {
    answer(
        okJson(
            "{\"parameter\":[{\"name\":\"MemberIdentifier\",\"valueIdentifier\":{\"value\":\"M-9\"}}]}"));
    register("m-1", today());

    awaitState("FAILED");
    assertThat(reason()).isEqualTo("NO_GROUP_ID");
    assertThat(detail()).contains("valueIdentifier").doesNotContain("M-9");
  }

  @Test
  void aConsentThatEndedYesterdayIsNeverSent() {
    register("m-1", today().minusDays(1));

    awaitState("FAILED");
    assertThat(reason()).isEqualTo("CONSENT_EXPIRED");
    gateway.server().verify(0, postRequestedFor(urlEqualTo(MATCH)));
  }

  @Test
  void whatCanPassIsTriedAgainUntilItHasPassed() {
    gateway.inTurn(
        () -> post(urlEqualTo(MATCH)),
        status(503),
        status(429),
        status(408),
        ok("<html>not yet</html>"),
        ok("{\"groupId\":").withFault(Fault.MALFORMED_RESPONSE_CHUNK),
        okJson("{\"groupId\":\"g-1\"}"));
    register("m-1", today());

    awaitState("MATCHED");
    gateway.server().verify(6, postRequestedFor(urlEqualTo(MATCH)));
  }

  @Test
  void aRefusalFailsAtOnce() {
    answer(status(400));
    register("m-1", today());

    awaitState("FAILED");
    assertThat(reason()).isEqualTo("PAYER_REFUSED");
    assertThat(count("asked_at >= received_at AND answered_at IS NULL")).isEqualTo(1);
    gateway.server().verify(1, postRequestedFor(urlEqualTo(MATCH)));
  }

  @Test
  void aTokenEndpointThatRefusesIsAskedOnceAndEveryTransferWaits() {
    gateway.stub(post(urlEqualTo(TOKEN)).willReturn(status(401)));
    for (int i = 0; i < 10; i++) {
      register("m-" + i, today());
    }

    bundle.awaitHeldForTokens(1);
    await().untilAsserted(() -> assertThat(steps("lease_until IS NULL")).isEqualTo(10));
    assertThat(steps("kind = 'MEMBER_MATCH' AND attempts = 0")).isEqualTo(10);
    assertThat(count("asked_at IS NOT NULL")).as("no match was asked for").isZero();
    gateway.server().verify(1, postRequestedFor(urlEqualTo(TOKEN)));
  }

  @Test
  void aPayerThatAsksToWaitIsLeftAloneByAllItsTransfers() {
    gateway.once(post(urlEqualTo(MATCH)), status(429).withHeader("Retry-After", "3600"));
    register("m-1", today());
    await()
        .until(
            () ->
                bundle.number(
                        "SELECT COUNT(*) FROM payer_gate"
                            + " WHERE payer = 'bison' AND held_until > CURRENT_TIMESTAMP")
                    == 1);

    register("m-2", today());
    bundle.template().sendBody("direct:wake-work", null);

    await().during(Duration.ofMillis(500)).until(() -> matchRequests() == 1);
  }

  @Test
  void thirtyTransfersAreMatchedSideBySideOnceEach() throws Exception {
    bundle.context().getRouteController().stopRoute("kick-off-export");
    answer(okJson("{\"groupId\":\"g-1\"}"));
    for (int i = 0; i < 30; i++) {
      register("m-" + i, today());
    }

    await().untilAsserted(() -> assertThat(count("state = 'MATCHED'")).isEqualTo(30));
    assertThat(matchRequests()).isEqualTo(30);
  }

  @Test
  void fivePayersThatHangHoldNoOtherUp() {
    answer(okJson("{\"groupId\":\"g-1\"}"));
    for (String payer : HANGING) {
      for (int i = 0; i < 10; i++) {
        register(payer, payer + "-" + i, today());
      }
    }
    await().until(() -> steps("lease_until IS NOT NULL") == 40);

    register("m-1", today());

    await()
        .untilAsserted(
            () ->
                assertThat(bundle.column("SELECT state FROM transfer WHERE payer = 'bison'"))
                    .containsExactly("MATCHED"));
  }

  private long steps(String condition) {
    return bundle.number("SELECT COUNT(*) FROM step WHERE " + condition);
  }

  private int count(String condition) {
    return bundle
        .jdbc()
        .sql("SELECT COUNT(*) FROM transfer WHERE " + condition)
        .query(Integer.class)
        .single();
  }

  private int matchRequests() {
    return gateway.server().findAll(postRequestedFor(urlEqualTo(MATCH))).size();
  }

  private void answer(ResponseDefinitionBuilder answer) {
    gateway.stub(
        post(urlEqualTo(MATCH))
            .withHeader("Authorization", equalTo("Bearer t1"))
            .willReturn(answer));
  }

  private void register(String memberId, LocalDate consentEnd) {
    register("bison", memberId, consentEnd);
  }

  private void register(String payer, String memberId, LocalDate consentEnd) {
    String json =
        """
        {"resourceType": "Parameters", "id": "%s", "parameter": [
          {"name": "MemberPatient", "resource": {"resourceType": "Patient",
            "name": [{"given": ["Erika"], "family": "Müller"}], "birthDate": "1980-02-29"}},
          {"name": "CoverageToMatch", "resource": {"resourceType": "Coverage",
            "identifier": [{"value": "c-1"}]}},
          {"name": "Consent", "resource": {"resourceType": "Consent", "id": "consent-7",
            "status": "active", "policy": [{"uri": "http://example.org/policy#regular"}],
            "provision": {"type": "permit",
              "period": {"start": "2026-01-01", "end": "%s"}}}}]}"""
            .formatted(memberId, consentEnd);
    bundle
        .bean("transferLedger", TransferLedger.class)
        .register(
            List.of(PlainRecord.of("test", 1, memberId, payer, "0".repeat(64), json, consentEnd)));
  }

  private void awaitState(String state) {
    await().untilAsserted(() -> assertThat(column("state")).isEqualTo(state));
  }

  private String reason() {
    return column("reason");
  }

  private String detail() {
    return column("detail");
  }

  private String column(String name) {
    return bundle.jdbc().sql("SELECT " + name + " FROM transfer").query(String.class).single();
  }

  private MockEndpoint mock(String name) {
    return bundle.context().getEndpoint("mock:" + name, MockEndpoint.class);
  }
}
