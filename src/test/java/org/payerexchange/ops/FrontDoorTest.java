package org.payerexchange.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.support.FreePort;
import org.payerexchange.support.TestBundle;

/** Who comes in, and what those who do not can do to those who do. */
class FrontDoorTest {
  private static final String KEY = "key-of-the-front-door";
  private static final String BEARER = "Authorization: Bearer " + KEY + "\r\n";
  private static final int MIB = 1024 * 1024;
  private static final int MOST_CONNECTIONS = 60;
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(4);

  /** For an answer while others do their worst, on a machine that is busy besides. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  static final List<String> METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW");
  private static final Set<String> OPEN =
      Set.of(
          "/",
          "/page/page.css",
          "/page/page.js",
          "/page/api.js",
          "/page/parts.js",
          "/page/overview.js",
          "/page/list.js",
          "/page/transfer.js",
          "/.well-known/jwks.json");
  private static final Set<String> STATUS = Set.of("/observe/health/live", "/observe/health/ready");

  @TempDir static Path folder;

  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static int observePort;
  private static TestBundle bundle;
  private static TestBundle keyless;

  private final List<RawClient> clients = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    observePort = FreePort.find();
    bundle =
        TestBundle.in(folder.resolve("guarded"))
            .payer("bison", "http://127.0.0.1:1")
            .ops()
            .set("p2p.ops.api-key", KEY)
            .set("p2p.ops.publish-keys", "true")
            .set("p2p.ops.observe-port", String.valueOf(observePort))
            .set("p2p.ops.max-connections", String.valueOf(MOST_CONNECTIONS))
            .set("p2p.ops.request-timeout", REQUEST_TIMEOUT.toSeconds() + "s")
            .set("p2p.ops.max-bytes-at-once", String.valueOf(32 * MIB))
            .start();
    keyless =
        TestBundle.in(folder.resolve("keyless")).payer("bison", "http://127.0.0.1:1").ops().start();
  }

  @AfterAll
  static void stop() {
    bundle.close();
    keyless.close();
  }

  @AfterEach
  void hangUp() throws Exception {
    for (RawClient client : clients) {
      client.close();
    }
  }

  /** Every path that the server has, whoever put it there, and some that it has not. */
  static Stream<String> paths() {
    Set<String> paths = new TreeSet<>(pathsOf(bundle));
    assertThat(paths)
        .contains("/api/transfers", "/api/transfers/x/retry", "/observe/metrics", "/")
        .containsAll(STATUS)
        .hasSizeGreaterThan(9);
    return Stream.concat(
        paths.stream(),
        Stream.of(
            "*",
            "/nothing",
            "/api",
            "/api/transfers/",
            "//api/transfers",
            "/api/../observe/metrics",
            "/observe",
            "/observe/health/live/",
            "/%zz",
            "http://127.0.0.1/api/transfers"));
  }

  static Set<String> pathsOf(TestBundle of) {
    Set<String> paths = new TreeSet<>();
    for (VertxPlatformHttpRouter router :
        of.context().getRegistry().findByType(VertxPlatformHttpRouter.class)) {
      router.getRoutes().stream()
          .filter(route -> route.getPath() != null)
          .forEach(route -> paths.add(route.getPath().replaceAll(":[^/]+", "x")));
    }
    return paths;
  }

  @ParameterizedTest
  @MethodSource("paths")
  void eachAddressIsForHoldersOfTheKeyAloneBeforeAnythingElseIsSaidOfIt(String path)
      throws Exception {
    for (String method : METHODS) {
      boolean read = method.equals("GET") || method.equals("HEAD");
      if (read && OPEN.contains(path)) {
        continue;
      }
      if (!(method.equals("GET") && STATUS.contains(path))) {
        assertThat(status(method, path, "")).as(method).isEqualTo(401);
      }
      assertThat(status(method, path, "Authorization: Bearer wrong\r\n")).isEqualTo(401);
      assertThat(status(method, path, "Content-Type: text/odd\r\nContent-Length: 99999999\r\n"))
          .as(method + " with a body that is too long and of no known type")
          .isIn(401, STATUS.contains(path) && method.equals("GET") ? 200 : 401);
    }
  }

  @ParameterizedTest
  @MethodSource("paths")
  void eachAddressIsForCallersOnThisMachineAndNoForeignPageWhereThereIsNoKey(String path)
      throws Exception {
    int port = keyless.opsUrl().getPort();
    for (String method : METHODS) {
      if (method.equals("GET") && STATUS.contains(path)) {
        continue;
      }
      String line = method + " " + path + " HTTP/1.1\r\n";
      assertThat(raw(port).send(line + "Host: evil.example:" + port + "\r\n\r\n").status())
          .as(method)
          .isEqualTo(403);
      assertThat(
              raw(port)
                  .send(line + "Host: localhost\r\nOrigin: https://evil.example\r\n\r\n")
                  .status())
          .as(method)
          .isEqualTo(403);
    }
  }

  @Test
  void whoIsNotOnThisMachineGetsNothingWithoutAKeyWhateverTheHostHeaderSays() {
    OpsAccess access = new OpsAccess(List.of());

    assertThatThrownBy(() -> access.caller(from(false, "localhost")))
        .isInstanceOfSatisfying(
            OpsRefusal.class, refusal -> assertThat(refusal.status()).isEqualTo(403));
    assertThat(access.caller(from(true, "localhost"))).isEqualTo(OpsKey.NONE);
  }

  @Test
  void whoNeedsNoKeySaysNobodysName() throws Exception {
    String record =
        """
        {"payer":"bison","requestId":"K-1","memberId":"M-1","given":"Alma","family":"Testperson",
         "birthDate":"1980-02-29","gender":"female","coverageId":"COV-1","consentId":"CON-1",
         "consentPolicy":"regular","consentStart":"2026-01-01","consentEnd":"2099-12-31"}
        """;
    String json = "application/json";
    assertThat(toKeyless("/api/transfers?P2P-Key=night", json, record)).isEqualTo(400);
    assertThat(toKeyless("/api/transfers/?p2p-key=night", json, record)).isEqualTo(400);
    for (String form : List.of("application/X-WWW-form-urlencoded", "multipart/form-data")) {
      assertThat(toKeyless("/api/transfers", form, "P2P-Key=night")).isEqualTo(415);
      assertThat(toKeyless("/nothing", form, "P2P-Key=night")).isEqualTo(415);
    }
    assertThat(toKeyless("/api/transfers", json, record)).isEqualTo(202);
    assertThat(keyless.column("SELECT source FROM transfer")).containsExactly("http");
    assertThat(
            keyless.column("SELECT DISTINCT actor FROM transfer_event WHERE actor LIKE '%night%'"))
        .isEmpty();
  }

  private static int toKeyless(String path, String type, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(keyless.opsUrl().resolve(path))
            .header("Content-Type", type)
            .header("P2P-Key", "night")
            .header("p2p-key", "day")
            .POST(BodyPublishers.ofString(body))
            .build();
    return CLIENT.send(request, BodyHandlers.ofString()).statusCode();
  }

  private static OpsAccess.RequestHead from(boolean here, String host) {
    return new OpsAccess.RequestHead(here, "http", List.of(), List.of(host), List.of());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "?key=" + KEY,
        "?api_key=" + KEY,
        "?access_token=" + KEY,
        "?Authorization=Bearer%20" + KEY,
        "?authorization=Bearer+" + KEY,
        ";Authorization=Bearer%20" + KEY
      })
  void aKeyInTheAddressIsNone(String query) throws Exception {
    assertThat(status("GET", "/api/transfers" + query, "")).isEqualTo(401);
    assertThat(
            status(
                "POST",
                "/api/transfers",
                "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5\r\n"))
        .isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authorization: " + KEY,
        "Authorization: Basic " + KEY,
        "Authorization: Bearer",
        "Authorization: Bearer " + KEY + "x",
        "Authorization: Bearer " + KEY + ",Bearer " + KEY,
        "Authorization: Bearer\t" + KEY,
        "Authorization: Bearer " + KEY + "\r\nAuthorization: Bearer wrong",
        "Authorization: Bearer wrong\r\nAuthorization: Bearer " + KEY,
        "X-Authorization: Bearer " + KEY,
        "Cookie: Authorization=Bearer " + KEY
      })
  void aKeyInAnotherFormIsNone(String header) throws Exception {
    assertThat(status("GET", "/api/transfers", header + "\r\n")).isEqualTo(401);
    assertThat(status("GET", "/observe/health/live", header + "\r\n")).isIn(401, 200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"?x=%zz", "?payer=%", "?%", "?include=%zz", "?payer=a;%zz"})
  void aQueryThatCannotBeReadIsAnsweredForHoldersOfTheKeyAsWell(String query) throws Exception {
    assertThat(status("GET", "/api/transfers" + query, BEARER)).isEqualTo(400);
    assertThat(status("POST", "/api/transfers" + query, BEARER)).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(classes = {IllegalStateException.class, IllegalArgumentException.class})
  void whatFailsBeforeARouteByNoFaultOfTheCallersIs500WithoutDetail(
      Class<? extends RuntimeException> kind) throws Exception {
    String path = "/api/" + kind.getSimpleName();
    RuntimeException failure = kind.getConstructor(String.class).newInstance("detail-7c1");
    bundle.context().getRegistry().findByType(VertxPlatformHttpRouter.class).stream()
        .map(router -> router.route(path))
        .forEach(
            route ->
                route.handler(
                    context -> {
                      throw failure;
                    }));

    HttpResponse<String> answer = get(path, true);

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).isEqualTo("{\"error\":\"internal error\"}");
  }

  @Test
  void theKeyOpensTheApiWhateverTheCaseOfItsScheme() throws Exception {
    assertThat(status("GET", "/api/transfers", BEARER)).isEqualTo(200);
    assertThat(status("GET", "/api/transfers", "authorization: bEARER  " + KEY + " \r\n"))
        .isEqualTo(200);
  }

  @Test
  void withoutAKeyHealthIsAStatusAndWithItAllDetails() throws Exception {
    for (String path : STATUS) {
      assertThat(get(path, false).body()).isEqualTo("{\"status\":\"UP\"}");
      assertThat(get(path, true).body()).contains("\"checks\"");
    }
    assertThat(get("/observe/health", false).statusCode()).isEqualTo(401);
    assertThat(get("/observe/metrics", false).statusCode()).isEqualTo(401);
    assertThat(get("/observe/metrics", true).body()).contains("p2p_transfers");
    assertThat(get("/observe/health/ready?stackTrace=true&data=true", true).statusCode())
        .isEqualTo(400);
  }

  @Test
  void aStoppedRouteShowsInTheStatusAlone() throws Exception {
    bundle.context().getRouteController().stopRoute("match-member");
    try {
      HttpResponse<String> ready = get("/observe/health/ready", false);

      assertThat(ready.statusCode()).isEqualTo(503);
      assertThat(ready.body()).isEqualTo("{\"status\":\"DOWN\"}");
      assertThat(get("/observe/health/live", false).statusCode()).isEqualTo(200);
    } finally {
      bundle.context().getRouteController().startRoute("match-member");
    }
  }

  @Test
  void theObservePortServesHealthAndMetricsAndNothingElse() throws Exception {
    for (String path : pathsOf(bundle)) {
      int expected = path.startsWith("/observe/") ? 200 : 404;
      assertThat(
              raw(observePort).send("GET " + path + " HTTP/1.1\r\nHost: scraper\r\n\r\n").status())
          .as(path)
          .isEqualTo(expected);
      assertThat(raw(observePort).send("POST " + path + " HTTP/1.1\r\nHost: s\r\n\r\n").status())
          .as(path)
          .isEqualTo(404);
    }
    URI ready = URI.create("http://127.0.0.1:" + observePort + "/observe/health/ready");
    assertThat(CLIENT.send(HttpRequest.newBuilder(ready).build(), BodyHandlers.ofString()).body())
        .contains("\"checks\"");
    for (String bent :
        List.of(
            "/observe/../api/transfers", "/observe//health/ready?data=true", "/observe//health")) {
      assertThat(raw(observePort).send("GET " + bent + " HTTP/1.1\r\nHost: s\r\n\r\n").status())
          .as(bent)
          .isEqualTo(404);
    }
  }

  @Test
  void nothingIsKeptByCachesOrGuessedAtByBrowsers() throws Exception {
    for (String path : List.of("/api/transfers", "/api/transfers/none", "/observe/metrics")) {
      for (boolean withKey : List.of(true, false)) {
        HttpResponse<String> answer = get(path, withKey);
        assertThat(answer.headers().allValues("Cache-Control")).containsExactly("no-store");
        assertThat(answer.headers().allValues("X-Content-Type-Options")).containsExactly("nosniff");
      }
    }
    assertThat(get("/page/page.js", false).headers().allValues("X-Content-Type-Options"))
        .containsExactly("nosniff");
  }

  @Test
  void bodiesThatAreHalfSentWithoutTheKeyAreAnsweredByTheirHeadAndNotKept() throws Exception {
    byte[] piece = new byte[MIB];
    for (int i = 0; i < 39; i++) {
      RawClient client = client();
      client.send(post("Content-Length: " + 16 * MIB + "\r\n"));
      assertThat(client.status()).isEqualTo(401);
      client.pour(piece, 8L * MIB);
    }
    assertOthersAreServed();
  }

  @Test
  void bodiesThatAreHalfSentWithTheKeyAreBoundedTogetherAndEndInTime() throws Exception {
    List<RawClient> taken = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      RawClient client = client().send(post(BEARER + "Content-Length: " + 16 * MIB + "\r\n"));
      client.pour(new byte[MIB], 8L * MIB);
      taken.add(client);
    }
    for (int i = 0; i < 10; i++) {
      assertThat(client().send(post(BEARER + "Content-Length: " + MIB + "\r\n")).status())
          .isEqualTo(503);
    }
    assertOthersAreServed();
    for (RawClient client : taken) {
      assertThat(client.rest()).isEmpty();
    }
    assertThat(postOf("{}")).isEqualTo(400);
  }

  /** Two of them would take all the memory there is for bodies. */
  @Test
  void whatAnybodyMayAskForTakesNoBody() throws Exception {
    for (String body : List.of("Transfer-Encoding: chunked\r\n", "Content-Length: 16777216\r\n")) {
      for (String path : OPEN) {
        String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + body + "\r\n";
        for (int i = 0; i < 3; i++) {
          assertThat(client().send(request).status()).as(path).isEqualTo(400);
        }
      }
      for (String path : List.of("/observe/health/ready", "/observe/metrics")) {
        String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + body + "\r\n";
        assertThat(raw(observePort).send(request).status()).as(path).isEqualTo(400);
      }
    }
    assertThat(postOf("{}")).isEqualTo(400);
    URI keys = URI.create(bundle.opsUrl() + "/.well-known/jwks.json");
    HttpResponse<String> refused =
        CLIENT.send(
            HttpRequest.newBuilder(keys).method("GET", BodyPublishers.ofString("x")).build(),
            BodyHandlers.ofString());
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.headers().allValues("Cache-Control")).containsExactly("no-store");
    assertThat(get("/.well-known/jwks.json", false).statusCode()).isEqualTo(200);
  }

  @Test
  void aBodyThatAnnouncesTooMuchIsRefusedByItsHead() throws Exception {
    for (String length : List.of("16777217", "9223372036854775807")) {
      assertThat(client().send(post(BEARER + "Content-Length: " + length + "\r\n")).status())
          .isEqualTo(413);
    }
  }

  @Test
  void chunksWithoutEndAreRefusedOnceTheyAreTooMany() throws Exception {
    RawClient client = client().send(post(BEARER + "Transfer-Encoding: chunked\r\n"));
    byte[] chunk = new byte[MIB + 10];
    byte[] size = "100000\r\n".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    System.arraycopy(size, 0, chunk, 0, size.length);
    chunk[chunk.length - 2] = '\r';
    chunk[chunk.length - 1] = '\n';
    client.pour(chunk, 17L * (MIB + 10));

    assertThat(client.status()).isEqualTo(413);
    assertThat(client.pour(chunk, 64L * 1024 * MIB)).isLessThan(64L * 1024 * MIB);
    assertOthersAreServed();
  }

  @Test
  void headsThatComeByteByByteEndInTimeAndShutNobodyOut() throws Exception {
    long begin = System.nanoTime();
    List<RawClient> slow = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      slow.add(client().send("GET /api/transfers HTTP/1.1\r\nHost: localhost\r\nX-"));
    }
    assertOthersAreServed();
    for (RawClient client : slow) {
      client.pour(new byte[] {'a'}, 2);
      assertThat(client.rest()).isEmpty();
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isGreaterThan(REQUEST_TIMEOUT.dividedBy(2));
  }

  @Test
  void connectionsThatSayNothingMakeRoomForThoseThatDo() throws Exception {
    for (int i = 0; i < 5 * MOST_CONNECTIONS; i++) {
      client();
    }
    assertOthersAreServed();
    for (RawClient silent : clients) {
      assertThat(silent.rest()).isEmpty();
    }
  }

  @Test
  void aConnectionThatIsIdleAfterAnAnswerEnds() throws Exception {
    RawClient client =
        client().send("GET /api/transfers HTTP/1.1\r\nHost: localhost\r\n" + BEARER + "\r\n");

    assertThat(client.rest()).startsWith("HTTP/1.1 200");
  }

  @Test
  void requestsInAdvanceAreAnsweredAFewAndEndTheConnectionWhenTheyAreMany() throws Exception {
    String request = "GET /api/transfers?size=1 HTTP/1.1\r\nHost: localhost\r\n" + BEARER + "\r\n";
    RawClient few = client().send(request.repeat(10));
    assertThat(few.rest().split("HTTP/1.1 200", -1)).hasSize(11);

    RawClient many = client();
    byte[] batch = request.repeat(200).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    long sent = many.pour(batch, 200L * MIB);
    assertThat(sent).isLessThan(200L * MIB);

    RawClient stranger = client();
    String unknown = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    stranger.send(unknown.replace("GET /", "GET /nothing").repeat(10));
    assertThat(stranger.rest().split("HTTP/1.1 401", -1)).hasSize(2);
    assertOthersAreServed();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Content-Length: 3\r\nTransfer-Encoding: chunked, identity\r\n",
        "Content-Length: -3\r\n"
      })
  void aLengthThatIsSaidTwiceIsRefused(String lengths) throws Exception {
    RawClient client = client().send(post(BEARER + lengths)).send("0\r\n\r\n");

    assertThat(client.status()).isEqualTo(400);
    assertThat(client.rest()).doesNotContain("HTTP/1.1");
  }

  @Test
  void anotherVersionOfHttpIsNotSpoken() throws Exception {
    RawClient preface = client().send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0");
    assertThat(preface.rest()).doesNotContain("\0\0").matches("(?s)|HTTP/\\S+ [45].*");

    RawClient upgrade =
        client()
            .send(
                "GET /api/transfers HTTP/1.1\r\nHost: localhost\r\n"
                    + BEARER
                    + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                    + "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n");
    assertThat(upgrade.status()).isEqualTo(200);
    assertOthersAreServed();
  }

  private static String post(String headers) {
    return "POST /api/transfers HTTP/1.1\r\nHost: localhost\r\n"
        + "Content-Type: application/json\r\n"
        + headers
        + "\r\n";
  }

  /** The API and readiness answer others. */
  private static void assertOthersAreServed() throws Exception {
    assertThat(get("/api/transfers", true).statusCode()).isEqualTo(200);
    assertThat(get("/observe/health/ready", false).statusCode()).isEqualTo(200);
  }

  private static int postOf(String body) throws Exception {
    return CLIENT
        .send(
            HttpRequest.newBuilder(bundle.opsUrl().resolve("/api/transfers"))
                .header("Authorization", "Bearer " + KEY)
                .POST(BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString())
        .statusCode();
  }

  private static HttpResponse<String> get(String path, boolean withKey) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(bundle.opsUrl().resolve(path)).timeout(PATIENCE);
    if (withKey) {
      request.header("Authorization", "Bearer " + KEY);
    }
    return CLIENT.send(request.build(), BodyHandlers.ofString());
  }

  private int status(String method, String path, String headers) throws Exception {
    try (RawClient client = new RawClient(bundle.opsUrl().getPort())) {
      return client
          .send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n")
          .status();
    }
  }

  private RawClient client() throws Exception {
    return raw(bundle.opsUrl().getPort());
  }

  private RawClient raw(int port) throws Exception {
    RawClient client = new RawClient(port);
    clients.add(client);
    return client;
  }
}
