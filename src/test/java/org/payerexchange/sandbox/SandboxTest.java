package org.payerexchange.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SandboxTest {
  private static final Map<String, String> GOOD_FORM =
      Map.of(
          "client_id",
          SandboxOptions.DEFAULT_CLIENT_ID,
          "client_secret",
          SandboxOptions.DEFAULT_CLIENT_SECRET,
          "grant_type",
          "client_credentials",
          "scope",
          "member-match|read");

  private Sandbox sandbox;
  private SandboxClient client;

  @AfterEach
  void stop() {
    sandbox.close();
  }

  private void start(SandboxOptions options) {
    sandbox = Sandbox.start(options);
    client = new SandboxClient(sandbox);
  }

  @Test
  void theTokenEndpointTellsAWrongSecretFromAWrongScope() {
    start(SandboxOptions.defaults());

    HttpResponse<String> good = client.tokenResponse(GOOD_FORM);
    assertThat(good.statusCode()).isEqualTo(200);
    assertThat(client.json(good).path("expires_in").asInt()).isEqualTo(300);
    assertThat(client.json(good).path("scope").asText()).isEqualTo("member-match|read");
    assertThat(good.headers().map()).doesNotContainKey("client_secret");

    HttpResponse<String> wrongSecret = client.tokenResponse(changed("client_secret", "guessed"));
    assertThat(wrongSecret.statusCode()).isEqualTo(401);
    assertThat(client.json(wrongSecret).path("error").asText()).isEqualTo("invalid_client");

    HttpResponse<String> wrongScope = client.tokenResponse(changed("scope", "member-match"));
    assertThat(wrongScope.statusCode()).isEqualTo(400);
    assertThat(client.json(wrongScope).path("error").asText()).isEqualTo("invalid_scope");

    assertThat(client.tokenResponse(Map.of("none", "")).statusCode()).isEqualTo(400);
  }

  @Test
  void idAndSecretByHttpBasicAreFormEncodedFirst() {
    start(
        SandboxOptions.builder()
            .client(
                known ->
                    RegisteredClient.withSecret("a client", "50% + 1:x")
                        .by(AuthMethod.CLIENT_SECRET_BASIC))
            .build());

    assertThat(byBasic("a+client:50%25+%2B+1%3Ax", "").statusCode()).isEqualTo(200);
    HttpResponse<String> raw = byBasic("a client:50% + 1:x", "");
    assertThat(raw.statusCode()).isEqualTo(401);
    assertThat(client.json(raw).path("error").asText()).isEqualTo("invalid_client");
    assertThat(raw.headers().firstValue("WWW-Authenticate")).hasValue("Basic realm=\"sandbox\"");
  }

  @Test
  void aSecretInTheFormBesideHttpBasicIsRefused() {
    start(SandboxOptions.defaults());
    String both = SandboxOptions.DEFAULT_CLIENT_ID + ":" + SandboxOptions.DEFAULT_CLIENT_SECRET;

    assertThat(byBasic(both, "").statusCode()).isEqualTo(200);
    HttpResponse<String> twice =
        byBasic(both, "&client_secret=" + SandboxOptions.DEFAULT_CLIENT_SECRET);
    assertThat(twice.statusCode()).isEqualTo(400);
    assertThat(client.json(twice).path("error").asText()).isEqualTo("invalid_request");
  }

  @Test
  void aFieldThatIsThereTwiceIsRefused() {
    start(SandboxOptions.defaults());

    HttpResponse<String> twice =
        byBasic(
            SandboxOptions.DEFAULT_CLIENT_ID + ":" + SandboxOptions.DEFAULT_CLIENT_SECRET,
            "&scope=member-match%7Cread");

    assertThat(twice.statusCode()).isEqualTo(400);
    assertThat(client.json(twice).path("error").asText()).isEqualTo("invalid_request");
  }

  @Test
  void theDocumentedStepsLeadFromAMemberToItsFiles() {
    start(SandboxOptions.defaults());
    Member member = sample("grp-bison-1001");
    String token = client.token();

    HttpResponse<String> match = client.match("bison", token, SandboxClient.pageRequest(member));
    assertThat(match.statusCode()).isEqualTo(200);
    String groupId = client.json(match).path("groupId").asText();

    HttpResponse<String> kickOff = client.kickOff("bison", token, groupId);
    assertThat(kickOff.statusCode()).isEqualTo(200);
    assertThat(client.json(kickOff).path("resourceType").asText()).isEqualTo("OperationOutcome");
    assertThat(client.json(kickOff).at("/issue/0/details/text").asText())
        .matches(
            "Asynchronous export running\\. Track job at "
                + "https://gateway\\.1upcoredev\\.com/v1/bison/bulk-data/r4/\\$export/job/\\w+");

    String text = client.json(kickOff).at("/issue/0/details/text").asText();
    String job = text.substring(text.lastIndexOf('/') + 1);
    JsonNode first = client.status("bison", token, job);
    assertThat(first.path("status").asText()).isEqualTo("Running");
    JsonNode manifest = client.status("bison", token, job);
    assertThat(manifest.properties().stream().map(Map.Entry::getKey))
        .containsExactly(
            "id",
            "transactionTime",
            "request",
            "requiresAccessToken",
            "status",
            "resourceCount",
            "batches",
            "lastUpdated",
            "output");
    assertThat(manifest.path("status").asText()).isEqualTo("Successful");

    long resources = 0;
    for (JsonNode entry : manifest.path("output")) {
      HttpResponse<String> file = client.file(entry.path("url").asText(), token);
      assertThat(file.statusCode()).isEqualTo(200);
      assertThat(file.body().lines())
          .allMatch(
              line -> line.startsWith("{\"resourceType\":\"" + entry.path("type").asText() + "\""));
      resources += file.body().lines().count();
    }
    assertThat(resources).isEqualTo(manifest.path("resourceCount").asLong());
    assertThat(manifest.path("output").findValuesAsText("url"))
        .anyMatch(url -> url.startsWith("https://gateway.1upcoredev.com/"))
        .anyMatch(url -> url.startsWith(sandbox.origin().toString()));
    assertThat(manifest.path("output").findValuesAsText("type")).contains("Observation", "Patient");

    assertThat(
            client
                .send(
                    client.authorised("/v1/bison/bulk-data/r4/$export/job/" + job, token).DELETE())
                .statusCode())
        .isEqualTo(202);
    assertThat(client.get("/v1/bison/bulk-data/r4/$export/job/" + job, token).statusCode())
        .isEqualTo(404);
    assertThat(sandbox.requests().kickOffs()).containsOnly(Map.entry("bison/grp-bison-1001", 1));
    assertThat(sandbox.requests().unexpected()).isEmpty();
    assertThat(sandbox.jobs()).singleElement().matches(ExportedJob::released);
  }

  @Test
  void aMatchNeedsExactlyOneOfEachParameterByItsExactName() {
    start(SandboxOptions.defaults());
    String token = client.token();
    String good = SandboxClient.pageRequest(sample("grp-bison-1001"));

    assertThat(
            client.match("bison", token, good.replace("\"Parameters\"", "\"Bundle\"")).statusCode())
        .isEqualTo(400);
    assertThat(
            client
                .match("bison", token, good.replace("\"MemberPatient\"", "\"memberPatient\""))
                .statusCode())
        .isEqualTo(400);
    assertThat(
            client
                .match("bison", token, good.replace("\"CoverageToMatch\"", "\"Consent\""))
                .statusCode())
        .isEqualTo(400);
    assertThat(client.match("bison", token, "not JSON").statusCode()).isEqualTo(400);
    assertThat(client.match("otter", token, good).statusCode()).isEqualTo(404);
    assertThat(client.match("bison", "made-up", good).statusCode()).isEqualTo(401);
  }

  @Test
  void nobodyIsFoundByAnotherBirthDateOrALapsedConsent() {
    start(SandboxOptions.defaults());
    String token = client.token();
    String good = SandboxClient.pageRequest(sample("grp-bison-1001"));

    HttpResponse<String> otherDay =
        client.match("bison", token, good.replace("1961-03-14", "1961-03-15"));
    assertThat(otherDay.statusCode()).isEqualTo(422);
    assertThat(client.json(otherDay).path("resourceType").asText()).isEqualTo("OperationOutcome");
    assertThat(client.match("bison", token, good.replace("2099", "2021")).statusCode())
        .isEqualTo(422);
    assertThat(client.match("heron", token, good).statusCode()).isEqualTo(422);
  }

  @Test
  void theGroupIdComesInEveryShape() {
    start(SandboxOptions.defaults());
    String token = client.token();

    assertThat(matched(token, "grp-bison-1003-a").at("/parameter/1/valueString").asText())
        .isEqualTo("grp-bison-1003-a");
    assertThat(matched(token, "grp-bison-1003-a").at("/parameter/2/valueString").asText())
        .isEqualTo("grp-bison-1003-b");
    assertThat(
            matched(token, "grp-bison-1005").at("/parameter/1/valueReference/reference").asText())
        .isEqualTo("Group/grp-bison-1005");
    assertThat(matched(token, "grp-heron-2001").at("/parameter/1/resource/id").asText())
        .isEqualTo("grp-heron-2001");
  }

  @Test
  void aKickOffMayAnswerWithAContentLocation() {
    start(SandboxOptions.builder().kickOffAnswer(KickOffAnswer.CONTENT_LOCATION).build());

    HttpResponse<String> kickOff = client.kickOff("bison", client.token(), "load-7");

    assertThat(kickOff.statusCode()).isEqualTo(202);
    assertThat(kickOff.body()).isEmpty();
    assertThat(kickOff.headers().firstValue("Content-Location"))
        .hasValueSatisfying(url -> assertThat(url).contains("/v1/bison/bulk-data/r4/$export/job/"));
  }

  @Test
  void aRunningJobTellsItsProgressAndWhenToAskAgain() {
    start(SandboxOptions.builder().runningPolls(2).retryAfter(Duration.ofSeconds(3)).build());
    String token = client.token();
    String text =
        client.json(client.kickOff("bison", token, "load-1")).at("/issue/0/details/text").asText();

    HttpResponse<String> status = client.get(text.substring(text.indexOf("/v1/")), token);

    assertThat(status.headers().firstValue("Retry-After")).hasValue("3");
    assertThat(status.headers().firstValue("X-Progress")).hasValue("0 of 6 batches complete");
    assertThat(client.json(status).at("/batches/running").asInt()).isEqualTo(6);
  }

  @Test
  void aTokenEndsWithItsLifetime() {
    start(SandboxOptions.builder().tokenLifetime(Duration.ZERO).build());

    assertThat(client.kickOff("bison", client.token(), "load-1").statusCode()).isEqualTo(401);
  }

  @Test
  void aPartOfAFileCanBeHadByRange() {
    start(SandboxOptions.defaults());
    String token = client.token();
    String url = client.manifest("bison", token, "load-3").at("/output/1/url").asText();
    String whole = client.file(url, token).body();

    HttpResponse<String> rest = client.file(url, token, "Range", "bytes=1000-");
    assertThat(rest.statusCode()).isEqualTo(206);
    assertThat(rest.body()).isEqualTo(whole.substring(1000));
    assertThat(rest.headers().firstValue("Content-Range"))
        .hasValue("bytes 1000-%d/%d".formatted(whole.length() - 1, whole.length()));
    assertThat(client.file(url, token, "Range", "bytes=10-19").body())
        .isEqualTo(whole.substring(10, 20));
    assertThat(client.file(url, token, "Range", "bytes=999999-").statusCode()).isEqualTo(416);
    assertThat(
            client
                .file(url, token, "Range", "bytes=1000-", "If-Range", "\"of another file\"")
                .statusCode())
        .isEqualTo(200);
    assertThat(client.file(url, "made-up").statusCode()).isEqualTo(401);
  }

  @Test
  void scenariosGoWrongWhereTheySay() {
    start(SandboxOptions.defaults());
    String token = client.token();

    HttpResponse<String> throttled = client.kickOff("heron", token, "grp-heron-2002");
    assertThat(throttled.statusCode()).isEqualTo(429);
    assertThat(throttled.headers().firstValue("Retry-After")).hasValue("1");
    client.kickOff("heron", token, "grp-heron-2002");
    assertThat(client.kickOff("heron", token, "grp-heron-2002").statusCode()).isEqualTo(200);

    assertThat(client.manifest("heron", token, "grp-heron-2005").path("status").asText())
        .isEqualTo("Failed");
    assertThat(client.manifest("bison", token, "grp-bison-1009").path("output")).isEmpty();
    assertThat(client.manifest("heron", token, "grp-heron-2006").path("error")).hasSize(1);

    JsonNode first = client.manifest("bison", token, "grp-bison-1008");
    assertThat(client.file(first.at("/output/0/url").asText(), token).statusCode()).isEqualTo(410);
    JsonNode second = client.status("bison", token, first.path("id").asText());
    assertThat(client.file(second.at("/output/0/url").asText(), token).statusCode()).isEqualTo(200);

    String broken = client.manifest("heron", token, "grp-heron-2004").at("/output/0/url").asText();
    assertThatThrownBy(() -> client.file(broken, token)).isInstanceOf(UncheckedIOException.class);
    assertThat(client.file(broken, token, "Range", "bytes=100-").statusCode()).isEqualTo(206);

    JsonNode expiring = client.manifest("bison", token, "grp-bison-1007");
    assertThat(client.file(expiring.at("/output/0/url").asText(), token).statusCode())
        .isEqualTo(200);
    assertThat(client.file(expiring.at("/output/1/url").asText(), token).statusCode())
        .isEqualTo(401);
    assertThat(client.file(expiring.at("/output/1/url").asText(), client.token()).statusCode())
        .isEqualTo(200);
  }

  @Test
  void chosenRequestsGoWrong() {
    start(SandboxOptions.defaults());
    String token = client.token();

    sandbox.faults().next(RequestKind.KICK_OFF, Fault.UNAVAILABLE, 1);
    assertThat(client.kickOff("bison", token, "load-1").statusCode()).isEqualTo(503);
    // The JDK's client asks again by itself where a connection ends without an answer.
    sandbox.faults().next(RequestKind.KICK_OFF, Fault.RESET, 100);
    assertThatThrownBy(() -> client.kickOff("bison", token, "load-1"))
        .isInstanceOf(UncheckedIOException.class);
    assertThat(sandbox.requests().kickOffs()).isEmpty();
    sandbox.faults().clear();
    sandbox.faults().next(RequestKind.KICK_OFF, Fault.LOSE_ANSWER, 100);
    assertThatThrownBy(() -> client.kickOff("bison", token, "load-1"))
        .isInstanceOf(UncheckedIOException.class);
    assertThat(sandbox.requests().kickOffs()).containsOnlyKeys("bison/load-1");
    sandbox.faults().clear();

    String url = client.manifest("bison", token, "load-2").at("/output/0/url").asText();
    sandbox.faults().next(RequestKind.FILE, Fault.TRUNCATE, 1);
    assertThatThrownBy(() -> client.file(url, token)).isInstanceOf(UncheckedIOException.class);
    sandbox.faults().next(RequestKind.FILE, Fault.FILE_EXPIRED, 1);
    assertThat(client.file(url, token).statusCode()).isEqualTo(410);
    sandbox.faults().next(RequestKind.FILE, Fault.EXPIRE_TOKENS, 1);
    assertThat(client.file(url, token).statusCode()).isEqualTo(401);
  }

  @Test
  void aRequestMayHangWithoutHoldingUpOthers() {
    start(SandboxOptions.defaults());
    String token = client.token();

    sandbox.faults().next(RequestKind.STATUS, Fault.HANG, 1);
    assertThatThrownBy(
            () ->
                client.send(
                    client
                        .authorised("/v1/bison/bulk-data/r4/$export/job/1", token)
                        .timeout(Duration.ofMillis(200))))
        .hasCauseInstanceOf(HttpTimeoutException.class);
    assertThat(client.kickOff("bison", token, "load-1").statusCode()).isEqualTo(200);
  }

  @Test
  void aSlowFileComesByteByByte() {
    start(SandboxOptions.defaults());
    String token = client.token();
    String url = client.manifest("bison", token, "load-1").at("/output/0/url").asText();

    sandbox.faults().next(RequestKind.FILE, Fault.SLOW, 1);
    assertThat(client.file(url, token, "Range", "bytes=0-1").body()).isEqualTo("{\"");
    sandbox.faults().next(RequestKind.FILE, Fault.SLOW, 1);
    assertThatThrownBy(
            () ->
                client.send(
                    client
                        .authorised(URI.create(url).getRawPath(), token)
                        .timeout(Duration.ofMillis(200))))
        .hasCauseInstanceOf(HttpTimeoutException.class);
  }

  @Test
  void storedFilesAreCompressedForThoseWhoAccept() throws IOException {
    start(SandboxOptions.builder().gzip(true).build());
    String token = client.token();
    String url = client.manifest("bison", token, "grp-bison-1001").at("/output/0/url").asText();
    String plain = client.file(url, token).body();

    HttpResponse<byte[]> packed =
        client.bytes(
            client
                .authorised(URI.create(url).getRawPath(), token)
                .header("Accept-Encoding", "gzip"));

    assertThat(packed.headers().firstValue("Content-Encoding")).hasValue("gzip");
    assertThat(new GZIPInputStream(new ByteArrayInputStream(packed.body())).readAllBytes())
        .asString(StandardCharsets.UTF_8)
        .isEqualTo(plain);
  }

  @Test
  void faultsAreSetAndCountsReadOverHttp() {
    start(SandboxOptions.defaults());
    String token = client.token();

    HttpResponse<String> set =
        client.send(
            client
                .authorised("/sandbox/faults", "none")
                .PUT(BodyPublishers.ofString("{\"THROTTLE\": 1.0}")));
    assertThat(set.statusCode()).isEqualTo(200);
    assertThat(client.kickOff("bison", token, "load-1").statusCode()).isEqualTo(429);

    JsonNode counts = client.json(client.get("/sandbox/requests", "none"));
    assertThat(counts.at("/received/KICK_OFF").asInt()).isEqualTo(1);
    assertThat(counts.at("/faults/KICK_OFF/THROTTLE").asInt()).isEqualTo(1);
    assertThat(
            client
                .send(
                    client
                        .authorised("/sandbox/faults", "none")
                        .PUT(BodyPublishers.ofString("{\"EARTHQUAKE\": 1.0}")))
                .statusCode())
        .isEqualTo(400);
  }

  @Test
  void whatNoClientShouldAskIsCounted() {
    start(SandboxOptions.defaults());

    assertThat(client.get("/v1/bison/Patient/1/_history", "none").statusCode()).isEqualTo(404);

    assertThat(sandbox.requests().unexpected()).containsExactly("GET /v1/bison/Patient/1/_history");
  }

  @Test
  void allFilesTogetherStayWithinTheBandwidth() {
    start(
        SandboxOptions.builder()
            .load(new LoadShape(1, 1_000_000))
            .bytesPerSecond(2_000_000)
            .build());
    String token = client.token();
    String url = client.manifest("bison", token, "load-1").at("/output/0/url").asText();

    long start = System.nanoTime();
    assertThat(client.file(url, token).body()).hasSizeGreaterThan(900_000);

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(400));
  }

  @Test
  void thousandsOfFilesAreOneManifest() {
    start(SandboxOptions.builder().load(new LoadShape(20_000, 300)).runningPolls(0).build());

    assertThat(client.manifest("bison", client.token(), "load-1").path("output")).hasSize(20_000);
  }

  private HttpResponse<String> byBasic(String credentials, String more) {
    return client.send(
        HttpRequest.newBuilder(sandbox.tokenUrl())
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header(
                "Authorization",
                "Basic "
                    + Base64.getEncoder()
                        .encodeToString(credentials.getBytes(StandardCharsets.UTF_8)))
            .POST(
                BodyPublishers.ofString(
                    "grant_type=client_credentials&scope=member-match%7Cread" + more)));
  }

  private JsonNode matched(String token, String groupId) {
    Member member = sample(groupId);
    return client.json(client.match(member.tenant(), token, SandboxClient.pageRequest(member)));
  }

  private Member sample(String groupId) {
    return StreamSupport.stream(sandbox.sampleMembers().spliterator(), false)
        .filter(member -> member.groups().contains(groupId))
        .findFirst()
        .orElseThrow();
  }

  private static Map<String, String> changed(String field, String value) {
    Map<String, String> form = new java.util.HashMap<>(GOOD_FORM);
    form.put(field, value);
    return form;
  }
}
