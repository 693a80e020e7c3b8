package org.payerexchange.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;
import org.payerexchange.support.TestBundle;

class OpsPageTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir static Path folder;

  private static TestBundle bundle;

  @BeforeAll
  static void start() throws Exception {
    bundle =
        TestBundle.in(folder)
            .ops()
            .set("p2p.ops.api-key", "secret-key-5d20")
            .set("p2p.inbox.notice-after", "300ms")
            .start();
  }

  @AfterAll
  static void stop() {
    bundle.close();
  }

  @ParameterizedTest
  @CsvSource({
    "/, text/html; charset=utf-8, <title>Payer Exchange</title>",
    "/page/page.js, text/javascript; charset=utf-8, import * as overview from './overview.js'",
    "/page/api.js, text/javascript; charset=utf-8, Authorization",
    "/page/parts.js, text/javascript; charset=utf-8, createElement",
    "/page/overview.js, text/javascript; charset=utf-8, api/overview",
    "/page/list.js, text/javascript; charset=utf-8, api/transfers",
    "/page/readiness.js, text/javascript; charset=utf-8, This node is",
    "/page/recurring.js, text/javascript; charset=utf-8, api/recurrences",
    "/page/transfer.js, text/javascript; charset=utf-8, api/transfers",
    "/page/page.css, text/css; charset=utf-8, :root {"
  })
  void eachOfItsFilesIsServedWithItsTypeAndAPolicyThatLetsNothingElseIn(
      String path, String type, String content) throws Exception {
    HttpResponse<String> answer = get(path);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).contains(type);
    assertThat(answer.body()).contains(content).doesNotContain("secret-key-5d20");
    assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow())
        .startsWith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';")
        .contains("frame-ancestors 'none'")
        .doesNotContain("unsafe", "*", "\n");
    assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(answer.headers().map()).doesNotContainKeys("authorization", "x-mine");
  }

  @Test
  void itLoadsItsOwnFilesOnlyAndHoldsNeitherScriptNorStyleInItself() throws Exception {
    String page = get("/").body();

    assertThat(all(page, "(?:src|href)=\"([^\"]*)\""))
        .containsOnly(
            "data:,",
            "page/page.css",
            "page/page.js",
            "#/",
            "#/transfers",
            "#/recurring",
            "#/readiness",
            "#content");
    assertThat(page)
        .doesNotContain("<style", "javascript:")
        .doesNotContainPattern("\\s(on[a-z]+|style)=");
    assertThat(page).doesNotContainPattern("<script(?! src=)");
    assertThat(scripts())
        .doesNotContain("innerHTML", "eval(", "localStorage", "sessionStorage", "document.cookie");
  }

  @Test
  void itsScriptsLoadEachOtherAndNothingElse() throws Exception {
    assertThat(all(scripts(), "from '([^']*)'"))
        .isNotEmpty()
        .allSatisfy(file -> assertThat(PageFiles.PATHS).contains(file.replace("./", "/page/")));
  }

  @Test
  void itsSearchKnowsEveryStateAndReasonOfATransfer() throws Exception {
    assertThat(all(get("/").body(), "<option>([A-Z_]+)</option>"))
        .isEqualTo(Arrays.stream(TransferState.values()).map(Enum::name).toList());
    assertThat(
            all(all(get("/page/list.js").body(), "(?s)REASONS = \\[(.*?)]").get(0), "'([A-Z_]+)'"))
        .isEqualTo(Arrays.stream(FailureReason.values()).map(Enum::name).toList());
  }

  @Test
  void whatItsScriptsNameStandsOnThePage() throws Exception {
    String page = get("/").body();

    assertThat(all(scripts(), "(?:byId|on|say|mark)\\('([a-z-]+)'"))
        .isNotEmpty()
        .allSatisfy(id -> assertThat(page).contains("id=\"" + id + "\""));
  }

  @Test
  void whatIsNotTakenFromTheInboxIsToldByReadinessWhichThePageShows() throws Exception {
    Files.createSymbolicLink(bundle.inbox().resolve("a\nlink.csv"), folder);
    await()
        .untilAsserted(
            () ->
                assertThat(get("/observe/health/ready", true).body())
                    .contains("\"message\":\"not taken: a", "u000Alink.csv is a link"));
    assertThat(get("/observe/health/ready").statusCode()).isEqualTo(200);
    assertThat(get("/observe/health/ready").body()).doesNotContain("link.csv");
    assertThat(scripts())
        .contains("send('observe/health/ready', 'GET', '')", "check.name === 'inbox'");
  }

  @Test
  void theDataBehindItNeedsTheKey() throws Exception {
    assertThat(get("/api/transfers").statusCode()).isEqualTo(401);
  }

  private static String scripts() throws Exception {
    StringBuilder scripts = new StringBuilder();
    for (String path : PageFiles.PATHS) {
      if (path.endsWith(".js")) {
        scripts.append(get(path).body());
      }
    }
    return scripts.toString();
  }

  private static List<String> all(String text, String pattern) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map((MatchResult found) -> found.group(1))
        .toList();
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return get(path, false);
  }

  private static HttpResponse<String> get(String path, boolean withKey) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(bundle.opsUrl().resolve(path)).header("X-Mine", "something");
    if (withKey) {
      request.header("Authorization", "Bearer secret-key-5d20");
    }
    return CLIENT.send(request.build(), BodyHandlers.ofString());
  }
}
