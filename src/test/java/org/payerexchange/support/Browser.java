package org.payerexchange.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Chromium without a window, driven over W3C WebDriver by the driver that is installed with it.
 * Nothing is downloaded: where there is none, there is none.
 */
public final class Browser implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern STARTED = Pattern.compile("started successfully on port (\\d+)");

  /** What WebDriver calls an element's id. */
  private static final String ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

  private final HttpClient client = HttpClient.newHttpClient();
  private final Process driver;
  private final URI session;

  private Browser(Process driver, URI session) {
    this.driver = driver;
    this.session = session;
  }

  /** The browser that {@code P2P_CHROMIUM} names, or one on the PATH. */
  public static Optional<Path> installed() {
    String named = System.getenv("P2P_CHROMIUM");
    return named != null
        ? Optional.of(Path.of(named)).filter(Files::isExecutable)
        : onPath("chromium").or(() -> onPath("chromium-browser"));
  }

  /** Its driver. */
  public static Optional<Path> driver() {
    return onPath("chromedriver").or(() -> onPath("chromium.chromedriver"));
  }

  private static Optional<Path> onPath(String name) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts one of its own.
   *
   * @param profile an empty folder
   */
  public static Browser start(Path profile) throws IOException {
    Process driver =
        new ProcessBuilder(driver().orElseThrow().toString(), "--port=0")
            .redirectErrorStream(true)
            .start();
    try {
      URI root = URI.create("http://127.0.0.1:" + port(driver));
      JsonNode opened =
          new Browser(driver, root)
              .post(
                  "/session",
                  Map.of(
                      "capabilities",
                      Map.of(
                          "alwaysMatch",
                          Map.of(
                              "goog:chromeOptions",
                              Map.of(
                                  "binary",
                                  installed().orElseThrow().toString(),
                                  "args",
                                  List.of(
                                      "--headless=new",
                                      "--no-sandbox",
                                      "--disable-dev-shm-usage",
                                      "--disable-gpu",
                                      "--lang=en-US",
                                      "--window-size=1280,900",
                                      "--user-data-dir=" + profile)),
                              "goog:loggingPrefs",
                              Map.of("browser", "ALL")))));
      return new Browser(
          driver, URI.create(root + "/session/" + opened.path("sessionId").asText()));
    } catch (RuntimeException e) {
      end(driver);
      throw e;
    }
  }

  private static int port(Process driver) throws IOException {
    StringBuilder said = new StringBuilder();
    var output = driver.inputReader(UTF_8);
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      Matcher started = STARTED.matcher(line);
      if (started.find()) {
        Thread drain = new Thread(() -> output.lines().forEach(more -> {}), "chromedriver-output");
        drain.setDaemon(true);
        drain.start();
        return Integer.parseInt(started.group(1));
      }
      said.append(line).append('\n');
    }
    throw new IOException("the driver did not start: " + said);
  }

  /** Loads a page. */
  public void open(String url) {
    post("/url", Map.of("url", url));
  }

  /** What a script returns. */
  public JsonNode run(String script, Object... values) {
    return post("/execute/sync", Map.of("script", script, "args", List.of(values)));
  }

  /** Whether something of the selector is seen. */
  public boolean sees(String selector) {
    return run("return document.querySelector(arguments[0])?.checkVisibility() ?? false", selector)
        .asBoolean();
  }

  /** The text that is seen there; empty where nothing is. */
  public String text(String selector) {
    return run(
            """
            const found = document.querySelector(arguments[0]);
            return found?.checkVisibility() ? found.innerText : ''""",
            selector)
        .asText();
  }

  /** Clicks as a person does: what is covered or disabled is an error, or does nothing. */
  public void click(String selector) {
    post("/element/" + find(selector) + "/click", Map.of());
  }

  /** Types into a field, instead of what stands there. */
  public void type(String selector, String text) {
    String field = find(selector);
    post("/element/" + field + "/clear", Map.of());
    post("/element/" + field + "/value", Map.of("text", text));
  }

  /** Presses a key. */
  public void press(String key) {
    post(
        "/actions",
        Map.of(
            "actions",
            List.of(
                Map.of(
                    "type",
                    "key",
                    "id",
                    "keyboard",
                    "actions",
                    List.of(
                        Map.of("type", "keyDown", "value", key),
                        Map.of("type", "keyUp", "value", key))))));
  }

  /** Has the browser do what WebDriver has no word for. */
  public JsonNode devTools(String command, Map<String, ?> parameters) {
    return post("/goog/cdp/execute", Map.of("cmd", command, "params", parameters));
  }

  /** What the page has written to its console since the last look, errors of loading too. */
  public List<String> console() {
    return post("/se/log", Map.of("type", "browser")).findValuesAsText("message");
  }

  /** Keeps a picture of the whole page. */
  public void picture(Path file) throws IOException {
    JsonNode taken =
        devTools("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true));
    Files.createDirectories(file.getParent());
    Files.write(file, Base64.getDecoder().decode(taken.path("data").asText()));
  }

  private String find(String selector) {
    return post("/element", Map.of("using", "css selector", "value", selector))
        .path(ELEMENT)
        .asText();
  }

  private JsonNode post(String path, Object body) {
    try {
      return send(
          HttpRequest.newBuilder(URI.create(session + path))
              .POST(BodyPublishers.ofString(JSON.writeValueAsString(body))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JsonNode send(HttpRequest.Builder request) throws IOException {
    try {
      HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
      JsonNode value = JSON.readTree(answer.body()).path("value");
      if (answer.statusCode() != 200) {
        throw new IllegalStateException(value.path("message").asText());
      }
      return value;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      send(HttpRequest.newBuilder(session).DELETE());
    } finally {
      end(driver);
    }
  }

  private static void end(Process driver) {
    driver.descendants().forEach(ProcessHandle::destroyForcibly);
    driver.destroyForcibly();
  }
}
