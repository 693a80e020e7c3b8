package org.payerexchange.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.Member;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.Browser;
import org.payerexchange.support.TcpProxy;
import org.payerexchange.support.TestBundle;

/**
 * The page in a browser, over a bundle with a hundred transfers of all outcomes. What was seen lies
 * in {@code target/page-screenshots}.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PageWalkTest {
  private static final String KEY = "key-of-the-page-walk";
  private static final String READERS_KEY = "key-of-a-reader";
  private static final String INTAKES_KEY = "key-of-a-sender";
  private static final String TAB = "\uE004";
  private static final Path PICTURES = Path.of("target/page-screenshots");
  private static final int TALL = 900;

  /** Where the browser is. */
  private static final ZoneId ZONE = ZoneId.of("America/New_York");

  @TempDir static Path folder;

  private static Sandbox sandbox;
  private static TestBundle bundle;
  private static TcpProxy cable;
  private static Browser browser;
  private static String failed;
  private static LocalDate made;

  @BeforeAll
  static void start() throws Exception {
    boolean found = Browser.installed().isPresent() && Browser.driver().isPresent();
    if (!found) {
      System.err.println(
          "PageWalkTest is skipped: no chromium with its chromedriver on the PATH or at P2P_CHROMIUM");
    }
    Assumptions.assumeTrue(found, "there is no chromium with its chromedriver on this machine");
    sandbox =
        Sandbox.start(
            SandboxOptions.builder()
                .tenants(Set.of("bison", "heron", "elk", "egret"))
                .load(new LoadShape(3, 2000))
                .build());
    bundle =
        TestBundle.in(folder)
            .ops()
            .set("p2p.ops.api-key", KEY)
            .set("p2p.ops.keys.night.key", READERS_KEY)
            .set("p2p.ops.keys.night.role", "reader")
            .set("p2p.ops.keys.feed.key", INTAKES_KEY)
            .set("p2p.ops.keys.feed.role", "intake")
            .set("p2p.retry.min-delay", "10m")
            .set("p2p.retry.max-delay", "20m")
            .set("p2p.deliver.resource-uris.1", "log:archive?level=OFF")
            .set("p2p.payers.bison.call-window", "00:00-12:00, 12:00-00:00");
    for (String payer : List.of("bison", "heron", "elk", "egret")) {
      bundle
          .payer(payer, sandbox.origin().toString())
          .set("p2p.payers." + payer + ".client-id", SandboxOptions.DEFAULT_CLIENT_ID)
          .set("p2p.payers." + payer + ".client-secret", SandboxOptions.DEFAULT_CLIENT_SECRET);
    }
    bundle.start();
    makeTransfers();
    cable = new TcpProxy(bundle.opsUrl().getPort());
    browser = Browser.start(folder.resolve("profile"));
    browser.devTools("Emulation.setTimezoneOverride", Map.of("timezoneId", ZONE.getId()));
  }

  /** 60 COMPLETE, 12 FAILED, 8 NO_MATCH, 8 REJECTED, 4 CANCELLED, 4 MATCHED, 4 RECEIVED. */
  private static void makeTransfers() throws Exception {
    made = LocalDate.now(ZONE);
    sandbox.faults().rates(Map.of(Fault.JOB_FAILED, 1.0));
    take("heron", 100, 12);
    awaitCount("FAILED", 12);
    sandbox.faults().clear();
    take("bison", 0, 60);
    send(records("bison", 900, 8).replace("LOAD-", "NOBODY-"));
    send(records("bison", 950, 8).replace("1952-", "1952-02-30-"));
    awaitCount("COMPLETE", 60);
    awaitCount("NO_MATCH", 8);
    sandbox.faults().next(RequestKind.STATUS, Fault.UNAVAILABLE, 1_000_000);
    take("elk", 200, 4);
    awaitCount("MATCHED", 4);
    sandbox.faults().next(RequestKind.MATCH, Fault.UNAVAILABLE, 1_000_000);
    take("egret", 300, 4);
    act("{`action`: `cancel`, `filter`: {`payer`: `egret`, `source`: `http`}}".replace('`', '"'));
    awaitCount("CANCELLED", 4);
    take("egret", 310, 4);
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> bundle.number("SELECT COUNT(*) FROM step WHERE attempts > 0") >= 8);
    failed = bundle.column("SELECT id FROM transfer WHERE state = 'FAILED' ORDER BY id").get(0);
  }

  private static String records(String payer, int first, int count) {
    return IntStream.range(first, first + count)
        .mapToObj(
            number -> {
              Member member = Members.load(payer, number);
              return """
                  {"payer": "%s", "requestId": "%s-%d", "memberId": "%s", "given": "%s", \
                  "family": "%s", "birthDate": "%s", "coverageId": "%s", "consentId": "c-1", \
                  "consentPolicy": "regular", "consentStart": "2020-01-01", \
                  "consentEnd": "2099-12-31"}
                  """
                  .formatted(
                      payer,
                      payer,
                      number,
                      member.memberId(),
                      member.given(),
                      member.family(),
                      member.birthDate(),
                      member.coverageId());
            })
        .collect(Collectors.joining());
  }

  private static void take(String payer, int first, int count) throws Exception {
    assertThat(send(records(payer, first, count))).isEqualTo(202);
  }

  private static int send(String records) throws Exception {
    return post("/api/transfers", "application/x-ndjson", records).statusCode();
  }

  private static void act(String body) throws Exception {
    HttpResponse<String> answer = post("/api/actions", "application/json", body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  private static HttpResponse<String> post(String path, String type, String body) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(bundle.opsUrl().resolve(path))
                .header("Authorization", "Bearer " + KEY)
                .header("Content-Type", type)
                .POST(BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString());
  }

  private static void awaitCount(String state, int count) {
    await()
        .atMost(Duration.ofMinutes(3))
        .untilAsserted(
            () ->
                assertThat(bundle.number("SELECT COUNT(*) FROM transfer WHERE state = ?", state))
                    .isEqualTo(count));
  }

  @AfterAll
  static void stop() throws Exception {
    for (AutoCloseable each : new AutoCloseable[] {browser, cable, bundle, sandbox}) {
      if (each != null) {
        each.close();
      }
    }
  }

  @BeforeEach
  void atADesk() {
    size(1280, false);
    scheme("light");
  }

  // ---- the walk

  @Test
  @Order(1)
  void theOverviewTellsTransfersWorkThroughputAndHealth() throws Exception {
    open("#/");

    awaitText("#overview", "egret");
    String overview = browser.text("#overview");
    if (LocalDate.now(ZONE).equals(made)) {
      assertThat(overview).contains("12 today");
    }
    assertThat(overview)
        .contains("60", "Ended in the last hour", "60 complete", "32 otherwise")
        .contains("4 failing since ", "PAYER_UNAVAILABLE: payer egret answered 503 (member match)")
        .contains("payer elk answered 503 (export poll); 1 try, the next ")
        .contains("resource-uri-1", "Well")
        .contains("00:00-12:00,12:00-00:00 UTC")
        .containsPattern("\\bE[SD]T\\b");
    assertThat(
            browser.run("return document.querySelector('svg').getAttribute('aria-label')").asText())
        .contains("60 complete, 32 otherwise");
    assertThat(browser.run("return document.querySelectorAll('polyline').length").asInt())
        .isEqualTo(2);
    picture("overview");
    browser.click("#overview a[href='#/transfers?payer=heron&state=FAILED']");
    awaitText("#many-count", "12 transfers found");
  }

  @Test
  @Order(2)
  void theSearchFindsByEachOfItsFieldsInPages() throws Exception {
    open("#/transfers");
    awaitText("#range", "1 to 50 of 100");
    picture("transfers");
    browser.click("#older");
    awaitText("#range", "51 to 100 of 100");

    search("requestId", "heron-103");
    awaitText("#many-count", "1 transfer found");
    open("#/transfers?payer=elk");
    awaitText("#many-count", "4 transfers found");
    assertThat(browser.text("#transfers"))
        .contains("export poll", "PAYER_UNAVAILABLE")
        .containsPattern("Next attempt");
    assertThat(cells("Tries")).hasSize(4).doesNotContain("", "0");
    assertThat(cells("Next attempt")).allMatch(cell -> cell.matches("(?s).*E[SD]T"));
    picture("search");

    open("#/transfers?reason=JOB_FAILED");
    awaitText("#many-count", "12 transfers found");
    assertThat(
            browser.run("return document.getElementById('filter').elements.reason.value").asText())
        .isEqualTo("JOB_FAILED");
    search("id", failed);
    awaitText("#title", failed);
    open("#/transfers?receivedFrom=2099-01-01");
    awaitText("#transfers", "No transfer is like that.");
    open("#/transfers?sink=resource-uri-1&state=COMPLETE");
    awaitText("#transfers", "No transfer is like that.");
    open("#/transfers?source=nowhere");
    awaitText("#transfers", "No transfer is like that.");
  }

  @Test
  @Order(3)
  void aTransferIsToldByATimelineWithItsJobsFilesAndSinks() throws Exception {
    String whole =
        bundle
            .column("SELECT id FROM transfer WHERE state = 'COMPLETE' ORDER BY received_at")
            .get(0);
    open("#/transfers/" + whole);

    awaitText("#title", whole);
    String job = bundle.column("SELECT job_id FROM export_job WHERE transfer_id = ?", whole).get(0);
    String group =
        bundle.column("SELECT group_id FROM export_job WHERE transfer_id = ?", whole).get(0);
    assertThat(browser.text("#details"))
        .contains(job, group, "after ", "RECEIVED", "3 of 3 files", "resource-uri-1")
        .containsPattern("Ended\\s.*E[SD]T, after \\d");
    assertThat(enabled("#now", "#retry", "#cancel")).isEmpty();
    picture("transfer");

    String waiting = bundle.column("SELECT id FROM transfer WHERE state = 'MATCHED'").get(0);
    open("#/transfers/" + waiting);
    awaitText("#title", waiting);
    assertThat(enabled("#now", "#retry", "#cancel")).containsExactly("#now", "#cancel");
    picture("transfer-that-waits");
    long tries = tries(waiting);
    browser.click("#now");
    answer("ann", "yes");
    awaitText("#notice", "Transfer " + waiting + " is tried now.");
    await().atMost(Duration.ofMinutes(1)).until(() -> tries(waiting) > tries);
  }

  private static long tries(String transfer) {
    return bundle.number("SELECT MAX(attempts) FROM step WHERE transfer_id = ?", transfer);
  }

  @Test
  @Order(4)
  void manyAreCountedThenRetriedOnceSomebodyAgrees() throws Exception {
    open("#/transfers?state=FAILED&payer=heron");
    awaitText("#many-count", "12 transfers found");

    browser.click("#cancel-many");
    awaitText("#notice", "There is nothing to cancel among 12 transfers. The others are left");
    browser.click("#retry-many");
    awaitText("#ask-title", "Retry 12 of 12 transfers?");
    picture("confirmation");
    answer("ann", "no");
    assertThat(bundle.number("SELECT COUNT(*) FROM transfer WHERE state = 'FAILED'")).isEqualTo(12);

    browser.click("#retry-many");
    awaitText("#ask-title", "Retry 12 of 12 transfers?");
    answer("ann", "yes");
    awaitText("#notice", "12 transfers retried");
    assertThat(bundle.number("SELECT COUNT(*) FROM transfer WHERE state = 'FAILED'")).isZero();
    assertThat(
            bundle.number(
                "SELECT COUNT(*) FROM transfer_event WHERE actor = 'ann' AND what = 'RETRIED'"))
        .isEqualTo(12);
  }

  @Test
  @Order(5)
  void payersAndSinksArePausedAndGoOn() throws Exception {
    for (String gate : List.of("payer-bison", "sink-resource-uri-1")) {
      String name = gate.replace("-", " ").replace("resource uri 1", "resource-uri-1");
      open("#/");
      awaitText("#overview", "egret");
      browser.click("#gate-" + gate);
      awaitText("#ask-title", "Pause " + name);
      answer("bob", "yes");
      awaitText("#notice", name + " is paused.");
      awaitText("#overview", "by bob");
      assertThat(browser.text("#overview")).contains("Paused since ", "paused by bob");
      picture("paused-" + gate);
      browser.click("#gate-" + gate);
      awaitText("#ask-title", "Resume " + name);
      answer("bob", "yes");
      awaitText("#notice", name + " goes on.");
      await().until(() -> !browser.text("#overview").contains("by bob"));
    }
  }

  @Test
  @Order(6)
  void aWrongKeySaysSoAndARightOneOpens() throws Exception {
    browser.open("about:blank");
    browser.open(address("#/"));
    await().until(() -> browser.sees("#key-dialog"));
    assertThat(browser.text("#overview")).isEmpty();
    browser.type("#key", "a-wrong-key");
    browser.press("\uE007");

    awaitText("#key-problem", "This key is not accepted");
    picture("wrong-key");
    browser.click("#key-dialog button[value=no]");
    awaitText("#problem", "Without a key nothing is shown.");
    assertThat(browser.sees("#overview")).isFalse();
    browser.click("#change-key");
    browser.type("#key", KEY);
    browser.click("#key-dialog button[value=yes]");
    awaitText("#overview", "egret");
    assertThat(browser.text("#problem")).isEmpty();
  }

  @Test
  @Order(7)
  void whatAKeyMayNotDoIsSaidInWords() throws Exception {
    open("#/transfers?state=RECEIVED", READERS_KEY);
    awaitText("#many-count", "4 transfers found");
    await().until(() -> enabled("#now-many", "#retry-many", "#cancel-many").isEmpty());
    assertThat(browser.run("return document.getElementById('now-many').title").asText())
        .contains("role reader");
    assertThat(enabled("#filter > button")).hasSize(1);
    picture("not-allowed");
    browser.run("location.hash = '#/'");
    awaitText("#overview", "egret");
    assertThat(enabled("#gate-payer-bison")).isEmpty();
    browser.run("location.hash = '#/transfers/' + arguments[0]", failed);
    awaitText("#title", failed);
    assertThat(enabled("#now", "#retry", "#cancel")).isEmpty();
    open("#/", INTAKES_KEY);
    awaitText("#problem", "(403)");
    assertThat(browser.sees("#overview")).isFalse();
  }

  @Test
  @Order(7)
  void whatIsAskedNamesItsTransferAndGoesWithTheView() throws Exception {
    String open = bundle.column("SELECT id FROM transfer WHERE state = 'RECEIVED'").get(0);
    open("#/");
    awaitText("#overview", "egret");
    browser.run("location.hash = '#/transfers?state=CANCELLED'");
    awaitText("#many-count", "transfers found");
    browser.run("location.hash = '#/transfers/' + arguments[0]", open);
    awaitText("#title", open);
    browser.click("#cancel");
    await().until(() -> browser.sees("#ask-dialog"));
    assertThat(browser.text("#ask-hint")).contains(open);
    browser.run("history.back()");
    awaitText("#many-count", "transfers found");
    assertThat(browser.sees("#ask-dialog")).isFalse();
  }

  @Test
  @Order(8)
  void aLostConnectionSaysSoAndLeavesNoButtonsToOldData() throws Exception {
    String one = bundle.column("SELECT id FROM transfer WHERE state = 'RECEIVED'").get(0);
    open("#/transfers/" + one);
    awaitText("#title", one);
    browser.click("#cancel");
    cable.cut();
    answer("ann", "yes");
    awaitText("#problem", "There is no connection to Payer Exchange.");
    awaitText("#problem", "What stands here is of");
    assertThat(browser.text("#refusal")).contains("It is not known whether this was done");
    assertThat(enabled("#now", "#retry", "#cancel")).isEmpty();
    picture("lost-connection");

    browser.run("location.hash = '#/transfers/another'");
    await().until(() -> !browser.sees("#transfer"));
    awaitText("#problem", "There is no connection to Payer Exchange.");
    assertThat(browser.text("main")).doesNotContain(one);

    cable.mend();
    awaitText("#problem", "no such transfer");
    assertThat(browser.sees("#transfer")).isFalse();
    browser.run("location.hash = '#/transfers/' + arguments[0]", one);
    awaitText("#title", one);
    assertThat(browser.text("#problem")).isEmpty();
    assertThat(enabled("#now", "#retry", "#cancel")).containsExactly("#now", "#cancel");
  }

  @ParameterizedTest
  @ValueSource(strings = {"#/", "#/transfers", "#/transfers/one"})
  @Order(9)
  void eachViewFitsOnAPhoneAndIsReadInTheDark(String place) throws Exception {
    String view =
        place.equals("#/") ? "overview" : place.endsWith("one") ? "transfer" : "transfers";
    open(place.replace("/one", "/" + failed));
    awaitShown(view);
    assertThat(hardToRead()).as("light").isEmpty();
    scheme("dark");
    picture(view + "-dark");
    assertThat(hardToRead()).as("dark").isEmpty();
    size(375, true);
    picture(view + "-phone-dark");
    scheme("light");
    picture(view + "-phone");
    assertThat(browser.run("return document.documentElement.scrollWidth").asInt())
        .isLessThanOrEqualTo(375);
    assertThat(
            texts(
                """
                return [...document.querySelectorAll('main *')].filter((it) => it.checkVisibility() && !it.closest('thead')
                  && it.getBoundingClientRect().width > 2 && it.getBoundingClientRect().right > 376)
                  .map((it) => it.outerHTML.slice(0, 120))"""))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"#/", "#/transfers", "#/transfers/one"})
  @Order(10)
  void eachViewIsReachedByKeyboardAndNamedForScreenReaders(String place) throws Exception {
    open(place.replace("/one", "/" + failed));
    awaitShown(place.equals("#/") ? "overview" : place.endsWith("one") ? "transfer" : "transfers");
    browser.run("for (const more of document.querySelectorAll('details')) more.open = true");

    assertThat(
            texts(
                """
                const wrong = [];
                const seen = (it) => it.checkVisibility();
                const name = (it) => it.getAttribute('aria-label') ?? it.innerText.trim();
                for (const it of document.querySelectorAll('input, select')) {
                  if (!it.labels.length || !it.labels[0].textContent.trim()) wrong.push('no label: ' + it.outerHTML);
                }
                for (const it of document.querySelectorAll('button, a[href]')) {
                  if (seen(it) && !name(it)) wrong.push('no name: ' + it.outerHTML);
                }
                for (const it of document.querySelectorAll('table')) {
                  if (!it.caption?.textContent || !it.tHead) wrong.push('no caption or head: ' + it.outerHTML);
                }
                for (const it of document.querySelectorAll('th')) {
                  if (it.scope !== 'col' && it.scope !== 'row') wrong.push('no scope: ' + it.outerHTML);
                }
                const ids = [...document.querySelectorAll('[id]')].map((it) => it.id);
                wrong.push(...ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => 'twice: ' + id));
                for (const it of document.querySelectorAll('[aria-labelledby], [aria-describedby]')) {
                  const ids = `${it.getAttribute('aria-labelledby') ?? ''} ${it.getAttribute('aria-describedby') ?? ''}`;
                  for (const id of ids.trim().split(/ +/)) if (!document.getElementById(id)) wrong.push('nothing is called ' + id);
                }
                if ([...document.querySelectorAll('h1')].filter(seen).length !== 1) wrong.push('not one h1');
                if (document.querySelectorAll('main').length !== 1) wrong.push('not one main');
                if (!document.documentElement.lang) wrong.push('no language');
                if (document.querySelector('[tabindex]:not([tabindex="-1"])')) wrong.push('an order of its own');
                if (!document.querySelector('#problem[role=alert]') || !document.querySelector('#notice[role=status]')) wrong.push('nothing is told');
                return wrong"""))
        .isEmpty();

    assertThat(browser.run("document.activeElement.blur(); return document.body.tabIndex").asInt())
        .isEqualTo(-1);
    List<String> expected =
        texts(
            """
            window.names = new Map();
            return [...document.querySelectorAll('a[href], button:not(:disabled), input, select, summary')]
              .filter((it) => it.checkVisibility()).map((it, at) => { window.names.set(it, `${at} ${it.outerHTML.slice(0, 60)}`); return window.names.get(it); })""");
    List<String> reached = new ArrayList<>();
    browser.run("window.scrollTo(0, 0); getSelection().setPosition(document.body, 0)");
    for (int presses = 0; presses < 20 + 8 * expected.size(); presses++) {
      browser.press(TAB);
      String at = browser.run("return names.get(document.activeElement) ?? ''").asText();
      if (!at.isEmpty() && !reached.contains(at)) {
        reached.add(at);
      }
      if (reached.size() == expected.size()) {
        break;
      }
    }
    assertThat(reached).isEqualTo(expected);
  }

  @Test
  @Order(10)
  void readinessIsToldCheckByCheckWithoutTheRoutesThatRun() throws Exception {
    open("#/");
    awaitText("#overview", "bison");
    browser.click("#to-readiness");

    awaitText("#readiness", "This node is UP");
    assertThat(browser.text("#readiness"))
        .contains("database", "clock", "disk", "inbox", "payers")
        .doesNotContain("route:");
    picture("readiness");
  }

  @Test
  @Order(10)
  void whatRepeatsIsSeenChangedAndStopped() throws Exception {
    assertThat(
            send(
                records("bison", 990, 1)
                    .replace("{\"payer\"", "{\"repeatEvery\": \"P90D\", \"payer\"")))
        .isEqualTo(202);
    String id = bundle.column("SELECT id FROM recurrence").get(0);
    open("#/recurring");

    awaitText("#recurring", "P90D");
    assertThat(browser.text("#recurring")).contains("bison-990", "ACTIVE", "2099-12-31");
    picture("recurring");
    browser.click("#change-" + id);
    awaitText("#ask-title", "Change how often the request bison-990 is asked");
    browser.type("#every", "P30D");
    answer("ann", "yes");
    awaitText("#notice", "the request bison-990 is asked next at ");
    awaitText("#recurring", "P30D");
    browser.click("#stop-" + id);
    awaitText("#ask-title", "Stop asking for the request bison-990");
    assertThat(browser.sees("#every")).isFalse();
    answer("ann", "yes");
    awaitText("#notice", "the request bison-990 is not asked again.");
    awaitText("#recurring", "STOPPED");
    assertThat(bundle.column("SELECT ended_by FROM recurrence")).containsExactly("ann");
    browser.click("#recurring a[href^='#/transfers/']");
    awaitText("#details", id);
  }

  @Test
  @Order(11)
  void theBrowserRefusedNothingThatThePageAsked() {
    assertThat(browser.console())
        .noneMatch(line -> line.contains("Content Security Policy") || line.contains("Uncaught"));
  }

  // ---- what a person does, and sees

  private static String address(String place) {
    return URI.create("http://127.0.0.1:" + cable.port() + "/").resolve(place).toString();
  }

  /** Loads the page anew: it has forgotten the key. */
  private static void open(String place) {
    open(place, KEY);
  }

  private static void open(String place, String key) {
    browser.open("about:blank");
    browser.open(address(place));
    await().until(() -> browser.sees("#key-dialog"));
    browser.type("#key", key);
    browser.click("#key-dialog button[value=yes]");
  }

  private static void search(String field, String text) {
    browser.run("document.getElementById('more').open = true");
    browser.type("#filter [name=" + field + "]", text);
    browser.click("#filter > button");
  }

  private static void answer(String actor, String value) {
    browser.type("#actor", actor);
    browser.click("#ask-dialog button[value=" + value + "]");
  }

  private static void awaitShown(String view) {
    awaitText(
        view.equals("overview") ? "#overview" : view.equals("transfer") ? "#details" : "#transfers",
        view.equals("transfer") ? "What happened" : "bison");
  }

  private static void awaitText(String selector, String text) {
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() -> assertThat(browser.text(selector)).contains(text));
  }

  private static List<String> cells(String title) {
    return texts(
        """
        return [...document.querySelectorAll('#transfers td')]
          .filter((it) => it.dataset.label === arguments[0]).map((it) => it.innerText.trim())""",
        title);
  }

  private static List<String> enabled(String... buttons) {
    return List.of(buttons).stream()
        .filter(
            button ->
                browser
                    .run("return !document.querySelector(arguments[0]).disabled", button)
                    .asBoolean())
        .toList();
  }

  private static List<String> texts(String script, Object... values) {
    List<String> texts = new ArrayList<>();
    browser.run(script, values).forEach(text -> texts.add(text.asText()));
    return texts;
  }

  /** Texts whose contrast to what is behind them is below 4.5 to 1. */
  private static List<String> hardToRead() {
    return texts(
        """
        const channel = (value) => { const part = value / 255; return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4; };
        const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
        const numbers = (color) => color.match(/[0-9.]+/g).map(Number);
        const behind = (it) => {
          for (; it; it = it.parentElement) {
            const color = numbers(getComputedStyle(it).backgroundColor);
            if (color.length === 3 || color[3] === 1) return color;
          }
          return [255, 255, 255];
        };
        return [...document.querySelectorAll('body *')]
          .filter((it) => it.checkVisibility() && !it.disabled && [...it.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
          .map((it) => {
            const [one, other] = [light(numbers(getComputedStyle(it).color)), light(behind(it))].sort((a, b) => b - a);
            return [(one + 0.05) / (other + 0.05), it.outerHTML.slice(0, 100)];
          })
          .filter(([contrast]) => contrast < 4.5)
          .map(([contrast, html]) => `${contrast.toFixed(1)} ${html}`)""");
  }

  private static void size(int width, boolean phone) {
    browser.devTools(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", TALL, "deviceScaleFactor", 1, "mobile", phone));
  }

  private static void scheme(String name) {
    browser.devTools(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", name))));
  }

  private static void picture(String name) throws Exception {
    browser.picture(PICTURES.resolve(name + ".png"));
  }
}
