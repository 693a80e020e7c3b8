package org.payerexchange.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.payerexchange.support.JavaProcess;

/**
 * HAPI's JPA server of {@code src/it/hapi-jpa} in a process of its own, as make hapi-jpa left it.
 */
final class HapiJpaServer implements AutoCloseable {
  private static final Path BUILT = Path.of("target/hapi-jpa").toAbsolutePath();
  private static final List<String> JVM =
      List.of("-Xmx1g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Duser.timezone=UTC");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http = HttpClient.newHttpClient();
  private final JavaProcess process;
  private final String url;

  private HapiJpaServer(JavaProcess process) throws IOException {
    this.process = process;
    this.url = process.line();
  }

  /**
   * Starts it, and returns once it answers.
   *
   * @param holdsAfter how many resources it stores before it answers no more
   */
  static HapiJpaServer start(Path folder, int holdsAfter) throws IOException {
    String libraries = Files.readString(BUILT.resolve("classpath"));
    return new HapiJpaServer(
        JavaProcess.start(
            folder,
            JVM,
            BUILT.resolve("classes") + ":" + libraries,
            "org.payerexchange.hapi.JpaServer",
            List.of(String.valueOf(holdsAfter))));
  }

  String url() {
    return url;
  }

  /** Returns once it has stored enough and answers no more. */
  void awaitHeld() throws IOException {
    while (!process.line().equals("held")) {}
  }

  /** Has it answer again. */
  void letGo() throws IOException {
    process.send("go on");
  }

  /** All versions of all resources, the newest first, by {@code Type/id}. */
  Map<String, List<JsonNode>> history() throws IOException, InterruptedException {
    Map<String, List<JsonNode>> versions = new TreeMap<>();
    String page = url + "/_history?_count=1000";
    while (page != null) {
      JsonNode bundle = get(page);
      for (JsonNode entry : bundle.path("entry")) {
        JsonNode resource = entry.path("resource");
        String name = resource.path("resourceType").asText() + "/" + resource.path("id").asText();
        versions.computeIfAbsent(name, each -> new ArrayList<>()).add(resource);
      }
      page = null;
      for (JsonNode link : bundle.path("link")) {
        page = link.path("relation").asText().equals("next") ? link.path("url").asText() : page;
      }
    }
    return versions;
  }

  private JsonNode get(String page) throws IOException, InterruptedException {
    HttpResponse<byte[]> answer =
        http.send(HttpRequest.newBuilder(URI.create(page)).build(), BodyHandlers.ofByteArray());
    if (answer.statusCode() != 200) {
      throw new IOException("the server answered " + answer.statusCode());
    }
    return JSON.readTree(answer.body());
  }

  @Override
  public void close() throws IOException {
    process.close();
  }
}
