package org.payerexchange.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.payerexchange.support.JavaProcess;

/** The sandbox in a process of its own, and how its payers are reached. */
final class BenchedGateway implements AutoCloseable {
  private final JavaProcess process;
  private final Map<String, String> settings;

  private BenchedGateway(JavaProcess process, Map<String, String> settings) {
    this.process = process;
    this.settings = settings;
  }

  /**
   * Starts it for one payer.
   *
   * @param bytesPerSecond what all files together may send; 0: no limit
   */
  static BenchedGateway start(Path folder, int files, long bytesPerFile, long bytesPerSecond)
      throws IOException {
    return start(
        folder,
        List.of("bison"),
        "--files=" + files,
        "--bytes-per-file=" + bytesPerFile,
        "--bytes-per-second=" + bytesPerSecond);
  }

  /** Starts it for these payers, with more of its options. */
  static BenchedGateway start(Path folder, List<String> payers, String... options)
      throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "sandbox",
                "--no-broker",
                "--port=0",
                "--tenant=" + String.join(",", payers),
                "--running-polls=0"));
    arguments.addAll(List.of(options));
    JavaProcess process =
        JavaProcess.start(folder, List.of("-Xmx512m"), "org.payerexchange.cli.Launcher", arguments);
    Map<String, String> settings = new HashMap<>();
    while (payers.stream().anyMatch(payer -> !settings.containsKey(key(payer, "scope")))) {
      String[] entry = process.line().split("=", 2);
      settings.put(entry[0], entry[1]);
    }
    return new BenchedGateway(process, settings);
  }

  private static String key(String payer, String name) {
    return "p2p.payers.%s.%s".formatted(payer, name);
  }

  /** The settings of its payers. */
  Map<String, String> settings() {
    return settings;
  }

  /** A setting of the payer {@code bison}. */
  String payer(String name) {
    return settings.get(key("bison", name));
  }

  URI base() {
    return URI.create(payer("base-url"));
  }

  /** A URL of an answer, on the host that is to be called. */
  URI reachable(String url) {
    return base().resolve(URI.create(url).getRawPath());
  }

  /** How many requests came since they were counted last, by kind; it starts counting anew. */
  Map<String, Integer> requests() throws IOException, InterruptedException {
    URI counts = base().resolve("/sandbox/requests");
    HttpClient client = HttpClient.newHttpClient();
    String json =
        client
            .send(HttpRequest.newBuilder(counts).build(), HttpResponse.BodyHandlers.ofString())
            .body();
    client.send(
        HttpRequest.newBuilder(counts).DELETE().build(), HttpResponse.BodyHandlers.discarding());
    Map<String, Integer> requests = new TreeMap<>();
    new ObjectMapper()
        .readTree(json)
        .path("received")
        .properties()
        .forEach(kind -> requests.put(kind.getKey(), kind.getValue().asInt()));
    return requests;
  }

  @Override
  public void close() throws IOException {
    process.close();
  }
}
