package org.payerexchange.it;

import static com.github.tomakehurst.wiremock.client.WireMock.delete;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.temporaryRedirect;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.TestBundle;

/** A payer whose files lie in a store of another origin, behind links that live for a while. */
class ExpiringLinksTest {
  private static final String JOB = "/v1/bison/bulk-data/r4/$export/job/1";
  private static final String FILE = "/v1/bison/bulk-data/r4/$export/file/1";
  private static final String OLD = "?X-Amz-Credential=k&X-Amz-Signature=old";
  private static final String FRESH = "?X-Amz-Credential=k&X-Amz-Signature=new";

  private static final String RECORD =
      Pipeline.record("R-1", "bison", "M-1", "Ada", "Marlowe", "1980-04-05", "COV-1");

  @TempDir Path folder;

  @RegisterExtension final Gateway gateway = new Gateway();

  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final byte[] before = patients("p");
  private HttpServer store;
  private Behind behind = Behind.THE_SAME;

  /** What a link answers whose time is over; 0: the file. */
  private int dead;

  private TestBundle bundle;
  private Pipeline pipeline;

  private record Asked(String url, String range, String ifRange, String authorization) {}

  /** What is behind the new link. */
  private enum Behind {
    THE_SAME,
    ANOTHER_VERSION,
    ANOTHER_LENGTH,
    NO_TAG,
    NO_LENGTH;

    byte[] body(byte[] before) {
      return switch (this) {
        case ANOTHER_VERSION -> patients("q");
        case ANOTHER_LENGTH -> patients("long-");
        default -> before;
      };
    }

    String tag() {
      return this == ANOTHER_VERSION ? "\"v2\"" : this == NO_TAG ? null : "\"v1\"";
    }
  }

  @BeforeEach
  void start() throws Exception {
    store = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    store.createContext("/", this::answer);
    store.start();
    bundle =
        TestBundle.in(folder)
            .payer("bison", gateway.url())
            .set("p2p.payers.bison.trusted-hosts", "localhost:" + store.getAddress().getPort())
            .start();
    pipeline = new Pipeline(bundle);
    gateway.stub(
        post(urlPathEqualTo("/auth/realms/dev-portal/protocol/openid-connect/token"))
            .willReturn(okJson("{\"access_token\":\"t1\",\"expires_in\":300}")));
    gateway.stub(
        post(urlEqualTo("/v1/bison/member-match/$member-match"))
            .willReturn(okJson("{\"groupId\":\"g-1\"}")));
    gateway.stub(
        get(urlEqualTo("/v1/bison/bulk-data/r4/Group/g-1/$export"))
            .willReturn(status(202).withHeader("Content-Location", gateway.url() + JOB)));
    gateway.stub(delete(urlEqualTo(JOB)).willReturn(status(202)));
  }

  @AfterEach
  void stop() {
    bundle.close();
    store.stop(0);
  }

  @Test
  void aLinkThatExpiresInMidDownloadGoesOnByRangeUnderTheNewOne() throws Exception {
    manifests(store("/p" + OLD), store("/p" + FRESH));

    assertIsThere(run(), before, 1);

    assertThat(asked)
        .containsExactly(
            new Asked("/p" + OLD, null, null, null),
            new Asked("/p" + OLD, "bytes=" + half(), "\"v1\"", null),
            new Asked("/p" + FRESH, "bytes=" + half(), "\"v1\"", null));
  }

  @Test
  void aLinkToAnotherPathGoesOnByRangeAsWell() throws Exception {
    manifests(store("/p" + OLD), store("/q" + FRESH));

    assertIsThere(run(), before, 1);

    assertThat(asked).last().isEqualTo(new Asked("/q" + FRESH, "bytes=" + half(), "\"v1\"", null));
  }

  @ParameterizedTest
  @EnumSource(
      value = Behind.class,
      names = {"THE_SAME"},
      mode = EnumSource.Mode.EXCLUDE)
  void whatDiffersUnderTheNewLinkOrDoesNotSaySoStartsOver(Behind what) throws Exception {
    behind = what;
    manifests(store("/p" + OLD), store("/p" + FRESH));

    assertIsThere(run(), what.body(before), 1);

    assertThat(asked).last().isEqualTo(new Asked("/p" + FRESH, null, null, null));
  }

  @Test
  void aRedirectToAnotherOriginIsFollowedWithoutTheTokenAndGoesOnUnderTheNextLink()
      throws Exception {
    manifests(gateway.url() + FILE, gateway.url() + FILE);
    gateway.inTurn(
        () -> get(urlEqualTo(FILE)).withHeader("Authorization", equalTo("Bearer t1")),
        temporaryRedirect(store("/p" + OLD)),
        temporaryRedirect(store("/p" + FRESH)));

    assertIsThere(run(), before, 0);

    assertThat(asked)
        .containsExactly(
            new Asked("/p" + OLD, null, null, null),
            new Asked("/p" + FRESH, "bytes=" + half(), "\"v1\"", null));
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 200})
  void aLinkWhoseTimeIsOverIsNotAskedAgainWhateverThePayerWouldAnswer(int oldLink)
      throws Exception {
    dead = oldLink;
    gateway.inTurn(
        () -> get(urlEqualTo(JOB)),
        manifest(store("/p?old")).withHeader("Expires", in(Duration.ofHours(1))),
        manifest(store("/p?new")).withHeader("Expires", in(Duration.ofHours(1))));

    assertIsThere(run(), before, 1);

    assertThat(asked).extracting(Asked::url).containsExactly("/p?old", "/p?new");
    assertThat(details("EXPORT_READY"))
        .hasSize(2)
        .allSatisfy(detail -> assertThat(detail).contains("kept by the payer until 20"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "soon", "Thu, 01 Jan 1970 00:00:00 GMT", "a minute ago"})
  void aTimeThatIsNoneChangesNothing(String expires) throws Exception {
    gateway.inTurn(
        () -> get(urlEqualTo(JOB)),
        manifest(store("/p?old"))
            .withHeader(
                "Expires", expires.equals("a minute ago") ? in(Duration.ofMinutes(-1)) : expires));
    dead = 0;

    assertIsThere(run(), before, 0);

    assertThat(asked).extracting(Asked::url).containsExactly("/p?old", "/p?old");
    assertThat(details("EXPORT_READY")).containsExactly("job 1: 1 files");
  }

  @Test
  void aPayerThatHasNothingButOldLinksIsAskedOnceForAnother() throws Exception {
    dead = 0;
    gateway.inTurn(
        () -> get(urlEqualTo(JOB)),
        manifest(store("/p?old")).withHeader("Expires", in(Duration.ofHours(1))));

    assertIsThere(run(), before, 1);

    assertThat(asked).extracting(Asked::url).containsExactly("/p?old", "/p?old");
  }

  @Test
  void aFileThatComesOnUnderEachOfManyLinksIsThereWithoutAnotherExport() throws Exception {
    linksThatBring(before.length / 6, true);

    String id = run();

    assertIsThere(id, before, 6);
    assertThat(pipeline.events(id)).doesNotContain("EXPORT_RESTARTED");
  }

  @Test
  void aFileThatStartsOverUnderEachLinkIsGoneInTheEnd() throws Exception {
    linksThatBring(before.length / 6, false);

    pipeline.take(List.of(RECORD));
    String id = pipeline.awaitEnd("R-1", "FAILED");

    assertThat(pipeline.transfer(id)).containsEntry("reason", "FILE_GONE");
    assertThat(pipeline.events(id)).filteredOn("EXPORT_RESTARTED"::equals).hasSize(2);
  }

  @Test
  void filesThatDifferInTheQueryAloneAreFoundAgainInAnyOrder() throws Exception {
    String link = gateway.url() + "/get?file=%s&X-Amz-Credential=k&X-Amz-Signature=%s";
    gateway.inTurn(
        () -> get(urlEqualTo(JOB)),
        manifest(link.formatted("a", "1"), link.formatted("b", "1")),
        manifest(link.formatted("b", "2"), link.formatted("a", "2")));
    for (String file : List.of("a", "b")) {
      for (String signature : List.of("1", "2")) {
        gateway.stub(
            get(urlEqualTo(link.formatted(file, signature).substring(gateway.url().length())))
                .willReturn(
                    file.equals("b") && signature.equals("1")
                        ? status(403)
                        : ok("{\"resourceType\":\"Patient\",\"id\":\"%s\"}".formatted(file))));
      }
    }

    String id = run();

    assertThat(pipeline.outbox("bison", id).resolve("Patient-1.ndjson"))
        .hasContent("{\"resourceType\":\"Patient\",\"id\":\"a\"}");
    assertThat(pipeline.outbox("bison", id).resolve("Patient-2.ndjson"))
        .hasContent("{\"resourceType\":\"Patient\",\"id\":\"b\"}");
  }

  private static ResponseDefinitionBuilder manifest(String first, String second) {
    return okJson(
        """
        {"output": [{"type": "Patient", "url": "%s"}, {"type": "Patient", "url": "%s"}]}"""
            .formatted(first, second));
  }

  private static String in(Duration time) {
    return DateTimeFormatter.RFC_1123_DATE_TIME.format(
        Instant.now().plus(time).atOffset(ZoneOffset.UTC));
  }

  private void manifests(String first, String second) {
    gateway.inTurn(() -> get(urlEqualTo(JOB)), manifest(first), manifest(second));
  }

  private static ResponseDefinitionBuilder manifest(String url) {
    return okJson(
        """
        {"requiresAccessToken": %s, "output": [{"type": "Patient", "url": "%s", "count": 2000}]}
        """
            .formatted(url.contains("$export"), url));
  }

  private String store(String path) {
    return "http://localhost:" + store.getAddress().getPort() + path;
  }

  private String half() {
    return before.length / 2 + "-";
  }

  /** The old link gives half the file, and then nothing more. */
  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String range = exchange.getRequestHeaders().getFirst("Range");
      asked.add(
          new Asked(
              exchange.getRequestURI().toString(),
              range,
              exchange.getRequestHeaders().getFirst("If-Range"),
              exchange.getRequestHeaders().getFirst("Authorization")));
      if (exchange.getRequestURI().getQuery().equals("old") && answerOld(exchange)) {
        return;
      }
      boolean old = exchange.getRequestURI().toString().endsWith(OLD);
      if (old && asked.size() > 1) {
        exchange.sendResponseHeaders(403, -1);
        return;
      }
      byte[] body = old ? before : behind.body(before);
      int from = range == null ? 0 : before.length / 2;
      String tag = old ? "\"v1\"" : behind.tag();
      if (tag != null) {
        exchange.getResponseHeaders().add("ETag", tag);
      }
      exchange.getResponseHeaders().add("Accept-Ranges", "bytes");
      if (range != null) {
        String size = behind == Behind.NO_LENGTH ? "*" : String.valueOf(body.length);
        exchange
            .getResponseHeaders()
            .add("Content-Range", "bytes %d-%d/%s".formatted(from, body.length - 1, size));
      }
      exchange.sendResponseHeaders(range == null ? 200 : 206, body.length - from);
      exchange.getResponseBody().write(body, from, (old ? body.length / 2 : body.length) - from);
      exchange.getResponseBody().flush();
    }
  }

  /** Busy at first; the time of all links is over when the file is asked for again. */
  private boolean answerOld(HttpExchange exchange) throws IOException {
    if (asked.size() == 1) {
      bundle
          .jdbc()
          .sql(
              "UPDATE export_job SET files_until = CURRENT_TIMESTAMP WHERE files_until IS NOT NULL")
          .update();
      exchange.sendResponseHeaders(500, -1);
      return true;
    }
    if (dead == 0) {
      return false;
    }
    byte[] page = "Please log in".getBytes(UTF_8);
    exchange.sendResponseHeaders(dead, page.length);
    exchange.getResponseBody().write(page);
    return true;
  }

  /** Each link gives some more of the file, or else some of it from its start, and then is old. */
  private void linksThatBring(int bytes, boolean more) {
    store.createContext(
        "/some",
        exchange -> {
          try (exchange) {
            String link = exchange.getRequestURI().getQuery();
            String range = exchange.getRequestHeaders().getFirst("Range");
            boolean again = asked.stream().anyMatch(each -> each.url().equals(link));
            asked.add(new Asked(link, range, null, null));
            if (again) {
              exchange.sendResponseHeaders(403, -1);
              return;
            }
            int from = more && range != null ? Integer.parseInt(range.replaceAll("\\D", "")) : 0;
            exchange.getResponseHeaders().add("ETag", more ? "\"v1\"" : "\"%s\"".formatted(link));
            exchange.getResponseHeaders().add("Accept-Ranges", "bytes");
            exchange
                .getResponseHeaders()
                .add(
                    "Content-Range",
                    "bytes %d-%d/%d".formatted(from, before.length - 1, before.length));
            exchange.sendResponseHeaders(from == 0 ? 200 : 206, before.length - from);
            exchange.getResponseBody().write(before, from, Math.min(bytes, before.length - from));
            exchange.getResponseBody().flush();
          }
        });
    gateway.inTurn(
        () -> get(urlEqualTo(JOB)),
        IntStream.range(0, 20)
            .mapToObj(i -> manifest(store("/some" + OLD + i)))
            .toArray(ResponseDefinitionBuilder[]::new));
  }

  private List<String> details(String type) {
    return bundle
        .jdbc()
        .sql("SELECT detail FROM transfer_event WHERE what = ? ORDER BY number")
        .param(type)
        .query(String.class)
        .list();
  }

  private String run() throws Exception {
    pipeline.take(List.of(RECORD));
    return pipeline.awaitEnd("R-1", "COMPLETE");
  }

  private void assertIsThere(String id, byte[] content, int manifestsNeeded) throws Exception {
    assertThat(pipeline.delivered("bison", id))
        .containsExactly("Patient-1.ndjson", "manifest.json");
    assertThat(pipeline.outbox("bison", id).resolve("Patient-1.ndjson")).hasBinaryContent(content);
    assertThat(pipeline.leftOf(id)).isEmpty();
    assertThat(pipeline.files(id))
        .singleElement()
        .satisfies(
            file ->
                assertThat(file)
                    .containsEntry("state", "STORED")
                    .containsEntry("bytes", (long) content.length)
                    .containsEntry("resources", 2000L)
                    .containsEntry("warnings", null));
    assertThat(pipeline.events(id)).filteredOn("MANIFEST_NEEDED"::equals).hasSize(manifestsNeeded);
  }

  private static byte[] patients(String prefix) {
    return IntStream.range(0, 2000)
        .mapToObj(i -> "{\"resourceType\":\"Patient\",\"id\":\"%s%04d\"}\n".formatted(prefix, i))
        .collect(Collectors.joining())
        .getBytes(UTF_8);
  }
}
