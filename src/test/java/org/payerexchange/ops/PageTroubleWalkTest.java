package org.payerexchange.ops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.support.Browser;

/** The page in a browser, over an API that is slow, fails or changes as a test wants it to. */
class PageTroubleWalkTest {
  private static final String TRANSFERS = "/api/transfers";
  private static final String ACTIONS = "/api/actions";
  private static final String LIVE = "/observe/health/live";
  private static final String NOON = "2026-11-27T12:00:00Z";

  /** The page's clock goes ten times as fast, and how long it wants to wait is written down. */
  private static final String HURRY =
      """
      window.rests = [];
      const real = setTimeout;
      window.setTimeout = (done, after) => { rests.push(after); return real(done, after / 10); };
      const often = setInterval;
      window.setInterval = (done, after) => often(done, after / 10);""";

  @TempDir static Path folder;

  private static Api api;
  private static Browser browser;

  @BeforeAll
  static void start() throws Exception {
    boolean found = Browser.installed().isPresent() && Browser.driver().isPresent();
    Assumptions.assumeTrue(found, "there is no chromium with its chromedriver on this machine");
    api = new Api();
    browser = Browser.start(folder.resolve("profile"));
    browser.devTools("Page.addScriptToEvaluateOnNewDocument", Map.of("source", "{" + HURRY + "}"));
  }

  @AfterAll
  static void stop() throws Exception {
    for (AutoCloseable each : new AutoCloseable[] {browser, api}) {
      if (each != null) {
        each.close();
      }
    }
  }

  @BeforeEach
  void allIsWell() {
    browser.open("about:blank");
    api.reset();
    api.answers("/observe/health/ready", 200, "{`status`: `UP`, `checks`: []}");
    api.answers(TRANSFERS, 200, transfers(row("a", "FAILED"), row("b", "FAILED")));
    api.answers(TRANSFERS + "/a", 200, transfer("FAILED"));
    api.answers("/api/overview", 200, overview("bison"));
    api.answers("/api/payers", 200, payers("bison"));
    api.answers("/api/sinks", 200, "{`sinks`: []}");
    api.answers(ACTIONS, 200, "{`matched`: 2, `done`: 2, `refused`: {}}");
  }

  // ---- one thing at a time

  @Test
  void oneYesDoesOneThingAndNothingElseIsBegunMeanwhile() {
    open("#/transfers?state=FAILED", "#many-count", "2 transfers found");
    browser.run(
        """
        window.patience = [];
        const real = AbortSignal.timeout;
        AbortSignal.timeout = (millis) => { patience.push(millis); return real.call(AbortSignal, millis); }""");
    api.hold(ACTIONS);
    browser.run("document.getElementById('retry-many').focus()");
    browser.run("const it = document.getElementById('retry-many'); it.click(); it.click()");
    browser.run("document.getElementById('cancel-many').click()");

    awaitText("#working", "Still at work since ");
    assertThat(enabled()).isEmpty();
    assertThat(api.posts).hasSize(1);
    api.go(ACTIONS);
    awaitText("#ask-title", "Retry 2 of 2 transfers?");
    api.hold(ACTIONS);
    browser.run("const it = document.getElementById('ask-yes'); it.click(); it.click()");
    awaitText("#working", "Retry 2 transfers");
    long asked = api.asked(TRANSFERS);
    await().until(() -> api.asked(TRANSFERS) > asked + 1);
    assertThat(enabled()).isEmpty();
    assertThat(browser.text("#problem")).isEmpty();
    api.go(ACTIONS);
    awaitText("#notice", "2 transfers retried");
    await().until(() -> enabled().size() == 3);
    assertThat(browser.text("#working")).isEmpty();
    await().untilAsserted(() -> assertThat(focused()).isEqualTo("retry-many"));
    assertThat(api.posts).hasSize(2).allMatch(body -> body.contains("\"retry\""));
    assertThat(browser.run("return patience.includes(3600000)").asBoolean()).isTrue();
  }

  @Test
  void whatIsDoneToManyIsGivenUpOnceTheNodeIsNotReached() {
    open("#/transfers?state=FAILED", "#many-count", "2 transfers found");
    browser.click("#retry-many");
    awaitText("#ask-title", "Retry 2 of 2 transfers?");
    api.hold(ACTIONS);
    browser.click("#ask-yes");
    await().until(() -> api.asked(LIVE) > 1);
    assertThat(browser.text("#working")).contains("Retry 2 transfers");
    assertThat(enabled()).isEmpty();

    browser.run(
        """
        const real = AbortSignal.timeout;
        AbortSignal.timeout = (millis) => real.call(AbortSignal, millis / 10);""");
    api.hold(LIVE);
    awaitText("#refusal", "It is not known whether this was done");
    await().until(() -> enabled().size() == 3);
    assertThat(api.posts).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({
    "200, {}, 'Transfer a is cancelled.'",
    "409, {`error`: `it has ended`}, 'Cancel the transfer, a: it has ended (409)'",
    "200, oh, 'Cancel the transfer, a: The answer broke off. It is not known whether'"
  })
  void whatCameOfATransferNamesItWhereAnotherIsShown(int status, String answer, String words) {
    String cancel = TRANSFERS + "/a/cancel";
    api.answers(TRANSFERS + "/a", 200, transfer("MATCHED"));
    api.answers(TRANSFERS + "/b", 200, transfer("MATCHED"));
    api.answers(cancel, status, answer);
    open("#/transfers/a", "#title", "Transfer a");
    api.hold(cancel);
    browser.click("#cancel");
    browser.click("#ask-yes");
    browser.run("location.hash = '#/transfers/b'");
    awaitText("#title", "Transfer b");

    awaitText("#working", ": Cancel the transfer, a. Nothing else is begun here");
    api.go(cancel);
    await().until(() -> isEnabled("cancel"));
    assertThat(browser.text("#title")).isEqualTo("Transfer b");
    assertThat(browser.text("#notice") + browser.text("#refusal")).startsWith(words);
  }

  @Test
  void aQuestionThatStandsThereIsNotWrittenOver() {
    open("#/transfers/a", "#title", "a");
    browser.click("#retry");
    awaitText("#ask-title", "Retry the transfer");

    browser.run("for (const it of document.querySelectorAll('main button')) it.disabled = false");
    browser.run("document.getElementById('cancel').click()");
    assertThat(browser.text("#ask-title")).isEqualTo("Retry the transfer");
    browser.click("#ask-yes");
    awaitText("#notice", "Transfer a goes on.");
    assertThat(api.posts).hasSize(1);
  }

  @Test
  void whatIsWrongWithAnAnswerIsSaidWhereItStands() {
    api.answers("/api/recurrences", 200, recurrences("r1"));
    api.answers("/api/recurrences/r1/change", 400, "{`error`: `until is in the past`}");
    open("#/recurring", "#recurring", "P90D");
    browser.click("#change-r1");
    browser.type("#every", "P30D");
    browser.type("#actor", "ann");
    browser.click("#ask-yes");

    awaitText("#ask-problem", "until is in the past (400)");
    assertThat(value("every")).isEqualTo("P30D");
    assertThat(value("actor")).isEqualTo("ann");
    assertThat(browser.sees("#every")).isTrue();
    api.answers("/api/recurrences/r1/change", 200, "{`nextAt`: `" + NOON + "`}");
    browser.click("#ask-yes");
    awaitText("#notice", "the request q-r1 is asked next at ");
    assertThat(browser.sees("#ask-dialog")).isFalse();
    browser.click("#stop-r1");
    awaitText("#ask-title", "Stop asking");
    assertThat(browser.text("#ask-problem")).isEmpty();
  }

  @Test
  void whatNobodyHasChangedIsNotSentSoThatAnothersChangeStays() {
    String changed = "/api/recurrences/r1/change";
    api.answers("/api/recurrences", 200, recurrences("r1"));
    api.answers(changed, 200, "{`nextAt`: `" + NOON + "`}");
    open("#/recurring", "#recurring", "P90D");
    browser.click("#change-r1");
    browser.click("#ask-yes");
    awaitText("#notice", "Nothing was changed of the request q-r1.");
    assertThat(api.posts).isEmpty();

    browser.click("#change-r1");
    browser.type("#every", "P30D");
    browser.click("#ask-yes");
    awaitText("#notice", "the request q-r1 is asked next at ");
    assertThat(api.posts).containsExactly(changed + "?every=P30D");
  }

  /** In the field of a date, backspace takes its month away. */
  @ParameterizedTest
  @CsvSource({"every, x", "until, \uE003"})
  void whatWasMistypedAndLeftKeepsNothingElseFromBeingDone(String field, String key) {
    api.answers("/api/recurrences", 200, recurrences("r1"));
    open("#/recurring", "#recurring", "P90D");
    browser.click("#change-r1");
    browser.run("document.getElementById(arguments[0]).focus()", field);
    browser.press(key);
    assertThat(valid(field)).isFalse();
    browser.click("#ask-dialog button[value=no]");
    await().until(() -> isEnabled("change-r1"));

    browser.run("location.hash = '#/transfers/a'");
    await().until(() -> isEnabled("retry"));
    browser.click("#retry");
    browser.click("#ask-yes");
    awaitText("#notice", "goes on");
    assertThat(api.posts).containsExactly(TRANSFERS + "/a/retry");

    browser.run("location.hash = '#/recurring'");
    await().until(() -> isEnabled("change-r1"));
    browser.click("#change-r1");
    assertThat(value("every")).isEqualTo("P90D");
    assertThat(value("until")).isEqualTo("2099-12-31");
    assertThat(valid(field)).isTrue();
  }

  /** A part of a form that is folded is opened where what stands in it is wrong. */
  @Test
  void whatIsWrongInAFoldedPartOfTheSearchIsShown() {
    open("#/transfers", "#many-count", "2 transfers");
    browser.run("document.getElementById('more').open = true");
    browser.type("#filter [name=id]", "no id!");
    browser.run("document.getElementById('more').open = false");
    browser.click("#filter > button");

    assertThat(browser.sees("#filter [name=id]")).isTrue();
    assertThat(browser.run("return document.activeElement.name").asText()).isEqualTo("id");
  }

  @Test
  void aKeyThatNoHeaderCarriesIsSaidToBeWrongAndAskedForAgain() {
    open("#/", "#overview", "bison");
    browser.click("#change-key");
    browser.type("#key", "a-key\u2013with-a-dash");
    browser.click("#key-dialog button[value=yes]");

    awaitText("#key-problem", "This key has a character that cannot be sent");
    assertThat(value("key")).isEmpty();
    browser.type("#key", "a-key-with-a-dash");
    browser.click("#key-dialog button[value=yes]");
    await().until(() -> !browser.sees("#key-dialog"));
    awaitText("#overview", "bison");
    assertThat(browser.text("#problem")).isEmpty();
  }

  @Test
  void whoComesBackAfterThePageWasLeftHasToGiveAKey() {
    open("#/", "#overview", "bison");
    browser.click("#change-key");
    browser.type("#key", "a-key-of-ann");
    browser.click("#key-dialog button[value=yes]");
    await().until(() -> api.keys.contains("Bearer a-key-of-ann"));
    browser.run(
        "window.addEventListener('pageshow', (back) => sessionStorage.setItem('kept', back.persisted))");
    browser.open(api.url().replace("127.0.0.1", "localhost") + "elsewhere");
    api.keys.clear();
    api.asked.clear();

    browser.run("history.back()");
    await().until(() -> api.asked("/api/overview") > 1);
    assertThat(browser.run("return sessionStorage.getItem('kept')").asText()).isEqualTo("true");
    assertThat(api.keys).containsOnly("");
    awaitText("#overview", "bison");
  }

  // ---- what is old

  @ParameterizedTest
  @CsvSource({"500, The answer is 500.", "503, the ledger is away (503)", "400, no such (400)"})
  void whateverKeepsItFromLoadingItSaysAsOfWhenItsDataIs(int status, String words) {
    open("#/transfers", "#many-count", "2 transfers");
    String error = words.replaceFirst(" \\(.*", "");
    api.answers(TRANSFERS, status, status == 500 ? "oh" : "{`error`: `" + error + "`}");

    awaitText("#problem", words + " What stands here is of ");
    assertThat(enabled()).isEmpty();
    api.answers(TRANSFERS, 200, transfers(row("a", "FAILED"), row("b", "FAILED")));
    await().until(() -> enabled().size() == 3);
    assertThat(browser.text("#problem")).isEmpty();
  }

  @Test
  void whileNoAnswerComesItsButtonsDoNothing() {
    open("#/transfers", "#many-count", "2 transfers");
    api.hold(TRANSFERS);

    awaitText("#problem", "There is no answer yet. What stands here is of ");
    assertThat(enabled()).isEmpty();
    api.go(TRANSFERS);
    await().until(() -> enabled().size() == 3);
    assertThat(browser.text("#problem")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "document.dispatchEvent(new Event('visibilitychange'))",
        "window.dispatchEvent(new Event('online'))"
      })
  void itRestsNoLongerThanHalfAMinuteAndLooksAtOnceWhenSomebodyIsBack(String back) {
    open("#/transfers", "#many-count", "2 transfers");
    browser.run("let now = 0; performance.now = () => now += 60000");

    await().until(() -> browser.run("return Math.max(0, ...rests)").asLong() >= 30_000);
    assertThat(browser.run("return Math.max(...rests)").asLong()).isEqualTo(30_000);
    long asked = api.asked(TRANSFERS);
    browser.run(back);
    await().until(() -> api.asked(TRANSFERS) > asked);
  }

  @Test
  void readinessIsToldThoughThePayersAreNot() {
    api.answers("/api/payers", 503, "{`error`: `the ledger is away`}");
    api.answers(
        "/observe/health/ready",
        503,
        "{`status`: `DOWN`, `checks`: [{`name`: `database`, `status`: `DOWN`, `message`: `away`}]}");

    open("#/readiness", "#readiness", "This node is DOWN");
    assertThat(browser.text("#readiness")).contains("database", "away");
  }

  // ---- what it offers

  @Test
  void tryNowIsOfferedOnlyWhereSomethingHasFailed() {
    String next = "`next`: {`step`: `EXPORT_POLL`, `open`: 1, `running`: 0, `attempts`: 0},";
    api.answers(TRANSFERS + "/a", 200, transfer("MATCHED").replaceFirst("\\{", "{" + next));
    open("#/transfers/a", "#details", "MATCHED");
    assertThat(isEnabled("cancel")).isTrue();
    assertThat(isEnabled("now")).isFalse();

    String tried = next.replace("`attempts`: 0", "`attempts`: 1");
    api.answers(TRANSFERS + "/a", 200, transfer("MATCHED").replaceFirst("\\{", "{" + tried));
    await().until(() -> isEnabled("now"));
  }

  @Test
  void warningsAreToldWhicheverFilesAreShown() {
    String warned =
        "{`part`: `files`, `id`: 7, `name`: `Claim-201.ndjson`, `warnings`: [`3 are missing`]}";
    api.answers(
        TRANSFERS + "/a",
        200,
        transfer("COMPLETE")
            .replaceFirst("\\{", "{`warnings`: 1201,")
            .replace("`warned`: []", "`warned`: [" + warned + "]")
            .replace("`totals`: {}", "`totals`: {`files`: 201, `warned`: 201}"));
    api.answers(TRANSFERS + "/a/warned", 200, "{`warned`: [" + warned.replace("201", "450") + "]}");
    open("#/transfers/a", "#details", "Claim-201.ndjson: 3 are missing");
    assertThat(browser.text("#details")).contains("Warnings\n1,201");

    browser.click("#details nav a[href$='warned=1']");
    awaitText("#details", "Claim-450.ndjson: 3 are missing");
  }

  @Test
  void severalStatesInTheAddressStandInTheForm() {
    open("#/transfers?state=FAILED,NO_MATCH", "#many-count", "2 transfers found");
    String chosen = "return document.getElementById('filter').elements.state.value";
    assertThat(browser.run(chosen).asText()).isEqualTo("FAILED,NO_MATCH");

    browser.run("location.hash = '#/transfers'");
    await().until(() -> browser.run(chosen).asText().isEmpty());
    assertThat(browser.text("#filter [name=state]")).doesNotContain("FAILED, NO_MATCH");
  }

  @Test
  void nobodyIsWellWhereStepsFail() {
    api.answers("/api/payers", 200, payers("bison").replace("`failing`: 0", "`failing`: 3"));
    open("#/", "#overview", "3 failing");
    assertThat(browser.text("#overview")).doesNotContain("Well");
  }

  // ---- the reader's place

  @Test
  void whoIsAtALinkStaysThereThoughDataChange() {
    open("#/transfers", "#many-count", "2 transfers");
    focus("#transfers a[href='#/transfers/b']");
    api.answers(
        TRANSFERS, 200, transfers(row("c", "RECEIVED"), row("a", "FAILED"), row("b", "CANCELLED")));
    awaitText("#transfers", "CANCELLED");
    assertStays("#/transfers/b");
    api.answers(TRANSFERS, 200, transfers(row("b", "COMPLETE"), row("c", "COMPLETE")));
    awaitText("#transfers", "COMPLETE");
    assertStays("#/transfers/b");
    api.answers(TRANSFERS, 200, transfers(row("c", "REJECTED")));
    awaitText("#transfers", "REJECTED");
    assertThat(browser.run("return document.activeElement.getAttribute('href')").asText())
        .isEqualTo("#/transfers/c");

    open("#/", "#overview", "bison");
    focus("#overview a[href='#/transfers?payer=bison']");
    api.answers("/api/overview", 200, overview("adder", "bison"));
    awaitText("#overview", "adder");
    assertStays("#/transfers?payer=bison");
    focus("#gate-payer-bison");
    api.answers("/api/payers", 200, payers("adder", "bison"));
    await().until(() -> browser.sees("#gate-payer-adder"));
    assertThat(focused()).isEqualTo("gate-payer-bison");
    browser.click("#gate-payer-bison");
    awaitText("#ask-title", "Pause payer bison");

    api.answers("/api/recurrences", 200, recurrences("r1"));
    open("#/recurring", "#recurring", "P90D");
    focus("#recurring a[href='#/transfers/last-of-r1']");
    api.answers("/api/recurrences", 200, recurrences("r0", "r1"));
    await().until(() -> browser.sees("#change-r0"));
    assertStays("#/transfers/last-of-r1");

    open("#/transfers/a", "#details", "batch-1");
    focus("#details a[href='#/transfers/batch-1']");
    api.answers(TRANSFERS + "/a", 200, transfer("CANCELLED"));
    awaitText("#details", "CANCELLED");
    assertStays("#/transfers/batch-1");
  }

  private static void focus(String selector) {
    browser.run(
        "window.place = document.querySelector(arguments[0]); window.place.focus()", selector);
  }

  /** The very same element, so that a screen reader's place is kept as well. */
  private static void assertStays(String href) {
    assertThat(browser.run("return document.activeElement.getAttribute('href')").asText())
        .isEqualTo(href);
    assertThat(browser.run("return document.activeElement === window.place").asBoolean()).isTrue();
  }

  private static void open(String place, String selector, String text) {
    browser.open("about:blank");
    browser.open(api.url() + place);
    awaitText(selector, text);
  }

  private static void awaitText(String selector, String text) {
    await().untilAsserted(() -> assertThat(browser.text(selector)).contains(text));
  }

  private static String focused() {
    return browser.run("return document.activeElement.id").asText();
  }

  private static boolean valid(String id) {
    return browser
        .run("return document.getElementById(arguments[0]).validity.valid", id)
        .asBoolean();
  }

  private static String value(String id) {
    return browser.run("return document.getElementById(arguments[0]).value", id).asText();
  }

  /** The buttons that do something, of the view that is shown. */
  private static List<String> enabled() {
    return Stream.of("retry-many", "now-many", "cancel-many")
        .filter(PageTroubleWalkTest::isEnabled)
        .toList();
  }

  private static boolean isEnabled(String id) {
    return browser.run("return !document.getElementById(arguments[0]).disabled", id).asBoolean();
  }

  // ---- what the API answers

  private static String transfers(String... rows) {
    return "{`transfers`: [%s], `page`: 0, `total`: %d, `batches`: [], `batchesTotal`: 0}"
        .formatted(String.join(",", rows), rows.length);
  }

  private static String row(String id, String state) {
    return """
        {`id`: `%s`, `payer`: `bison`, `status`: `%s`, `source`: `in`, `recordNumber`: 1, \
        `receivedAt`: `%s`, `updatedAt`: `%3$s`}"""
        .formatted(id, state, NOON);
  }

  private static String transfer(String state) {
    String lists =
        "`jobs`: [], `files`: [], `deliveries`: [], `events`: [], `warned`: [], `totals`: {}";
    String reason = state.equals("FAILED") ? "" : "`reason`: `CANCELLED`, ";
    return row("a", state).replaceFirst("\\{", "{`batch`: `batch-1`, " + reason + lists + ",");
  }

  private static String overview(String... payers) {
    return "{`since`: `%s`, `steps`: [], `minutes`: [%s], `transfers`: [%s]}"
        .formatted(
            NOON,
            IntStream.range(0, 2)
                .mapToObj(at -> "{`at`: `" + NOON + "`, `complete`: 1, `other`: 0}")
                .collect(Collectors.joining(",")),
            Stream.of(payers)
                .map(
                    payer -> "{`payer`: `%s`, `all`: {`FAILED`: 2}, `latest`: {}}".formatted(payer))
                .collect(Collectors.joining(",")));
  }

  private static String payers(String... ids) {
    String work = "{`open`: 0, `running`: 0, `failing`: 0, `due`: 0}";
    return Stream.of(ids)
        .map(id -> "{`id`: `%s`, `transfers`: {}, `held`: [], `work`: %s}".formatted(id, work))
        .collect(Collectors.joining(",", "{`payers`: [", "]}"));
  }

  private static String recurrences(String... ids) {
    return Stream.of(ids)
        .map(
            id ->
                """
                {`id`: `%s`, `payer`: `bison`, `requestId`: `q-%1$s`, `state`: `ACTIVE`, \
                `repeatEvery`: `P90D`, `repeatUntil`: `2099-12-31`, `transfers`: 1, \
                `lastTransfer`: `last-of-%1$s`, `nextAt`: `%s`}"""
                    .formatted(id, NOON))
        .collect(Collectors.joining(",", "{`page`: 0, `total`: 1, `recurrences`: [", "]}"));
  }

  /** Serves the page's files, and what it is told to. */
  private static final class Api implements AutoCloseable {
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final Map<String, CountDownLatch> held = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final List<String> posts = new CopyOnWriteArrayList<>();
    private final List<String> keys = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;

    Api() throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setExecutor(threads);
      server.createContext("/", this::handle);
      server.start();
    }

    String url() {
      return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    }

    void answers(String path, int status, String body) {
      answers.put(path, new Answer(status, body.replace('`', '"')));
    }

    void hold(String path) {
      held.put(path, new CountDownLatch(1));
    }

    void go(String path) {
      held.remove(path).countDown();
    }

    long asked(String path) {
      return asked.stream().filter(path::equals).count();
    }

    void reset() {
      held.values().forEach(CountDownLatch::countDown);
      held.clear();
      answers.clear();
      asked.clear();
      posts.clear();
      keys.clear();
    }

    private void handle(HttpExchange exchange) throws IOException {
      try (exchange) {
        String path = exchange.getRequestURI().getPath();
        if (path.equals("/") || path.startsWith("/page/")) {
          file(exchange, path.equals("/") ? "index.html" : path.substring("/page/".length()));
          return;
        }
        asked.add(path);
        String key = exchange.getRequestHeaders().getFirst("Authorization");
        keys.add(key == null ? "" : key);
        if (exchange.getRequestMethod().equals("POST")) {
          String query = exchange.getRequestURI().getRawQuery();
          posts.add(
              path
                  + (query == null ? "" : "?" + query)
                  + new String(exchange.getRequestBody().readAllBytes(), UTF_8));
        }
        CountDownLatch gate = held.get(path);
        if (gate != null) {
          gate.await();
        }
        Answer answer = answers.getOrDefault(path, new Answer(200, "{}"));
        send(exchange, answer.status, "application/json", answer.body.getBytes(UTF_8));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private static void file(HttpExchange exchange, String name) throws IOException {
      try (InputStream file = PageFiles.class.getResourceAsStream("/ops-page/" + name)) {
        String type = name.substring(name.lastIndexOf('.') + 1).replace("js", "javascript");
        send(exchange, 200, "text/" + type, file.readAllBytes());
      }
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] body)
        throws IOException {
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
      reset();
      server.stop(0);
      threads.shutdownNow();
    }
  }

  private record Answer(int status, String body) {}
}
