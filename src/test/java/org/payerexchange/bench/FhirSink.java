package org.payerexchange.bench;

import ca.uhn.fhir.context.FhirContext;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.payerexchange.support.Folders;

/**
 * One file into the FHIR sink, beside the same Bundles sent one after the other by the JDK's client
 * and nothing around it. The server reads every Bundle and answers each entry.
 */
final class FhirSink {
  private static final double MIB = 1024 * 1024;

  private final Path folder;
  private final BenchSettings settings;
  private final long bytes;
  private final boolean hapi;

  /**
   * @param bytes of the file
   * @param hapi whether the server reads Bundles with HAPI's parser, as a HAPI server does, or into
   *     a tree of JSON, which costs next to nothing
   */
  FhirSink(Path folder, BenchSettings settings, long bytes, boolean hapi) {
    this.folder = folder;
    this.settings = settings;
    this.bytes = bytes;
    this.hapi = hapi;
  }

  void run() throws IOException, InterruptedException {
    Figures.print(
        "%nOne file of %.2f GB into a FHIR server that reads Bundles %s, 200 resources each%n",
        bytes / 1e9, hapi ? "with HAPI's parser" : "into a tree");
    Figures figures = new Figures();
    Path bundles = Files.createDirectories(folder.resolve("bundles"));
    try (Server server = new Server(bundles, hapi);
        BenchedGateway gateway = BenchedGateway.start(folder.resolve("gateway"), 1, bytes, 0);
        Bundle bundle =
            Bundle.start(
                folder.resolve("bundle"),
                gateway,
                settings,
                List.of("p2p.deliver.fhir.base-url=" + server.url()))) {
      int warmUps = settings.warmUps();
      for (int run = 0; run < warmUps + settings.runs(); run++) {
        server.begin(run == 0);
        Bundle.Took took = bundle.take(BareClient.Members.records(run, 1), 1);
        if (bundle.complete(took.manifests()) != 1) {
          throw new IOException("the transfer is not complete");
        }
        double sink = server.perSecond();
        server.begin(false);
        bare(server.url(), bundles);
        double bare = server.perSecond();
        if (run >= warmUps) {
          figures.add("FHIR sink (resources/s)", sink);
          figures.add("bare client (resources/s)", bare);
          figures.add("bundle, peak heap (MiB)", took.peakHeap() / MIB);
          figures.add("bundle, most heap left by a collection (MiB)", took.liveHeap() / MIB);
          took.addLedger("bundle", figures);
        }
      }
    } finally {
      Folders.delete(folder);
    }
    figures.print();
    Figures.print(
        "  FHIR sink : bare client = %.2f%n",
        figures.median("FHIR sink (resources/s)") / figures.median("bare client (resources/s)"));
  }

  private static void bare(String url, Path bundles) throws IOException, InterruptedException {
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    for (int i = 0; Files.exists(file(bundles, i)); i++) {
      HttpResponse<byte[]> answer =
          http.send(
              HttpRequest.newBuilder(URI.create(url))
                  .header("Content-Type", "application/fhir+json")
                  .POST(BodyPublishers.ofFile(file(bundles, i)))
                  .build(),
              BodyHandlers.ofByteArray());
      if (answer.statusCode() != 200) {
        throw new IOException("the server answered " + answer.statusCode());
      }
    }
  }

  private static Path file(Path bundles, int number) {
    return bundles.resolve(number + ".json");
  }

  /** Counts what it is sent, from the first request to the last answer. */
  private static final class Server implements AutoCloseable {
    private final ObjectMapper mapper = new ObjectMapper();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer http;
    private final Path bundles;
    private final boolean hapi;
    private boolean keep;
    private int kept;
    private long resources;
    private long first;
    private long last;

    Server(Path bundles, boolean hapi) throws IOException {
      this.bundles = bundles;
      this.hapi = hapi;
      // an answer would wait 40 ms for the acknowledgement of its own headers
      System.setProperty("sun.net.httpserver.nodelay", "true");
      http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      http.createContext("/fhir", this::answer);
      http.setExecutor(threads);
      http.start();
    }

    String url() {
      return "http://127.0.0.1:%d/fhir".formatted(http.getAddress().getPort());
    }

    synchronized void begin(boolean keepBundles) {
      keep = keepBundles;
      resources = 0;
      first = 0;
    }

    synchronized double perSecond() {
      return resources / ((last - first) / 1e9);
    }

    private void answer(HttpExchange exchange) throws IOException {
      byte[] body = received(exchange);
      int asked =
          hapi
              ? FhirContext.forR4Cached()
                  .newJsonParser()
                  .parseResource(
                      org.hl7.fhir.r4.model.Bundle.class, new String(body, StandardCharsets.UTF_8))
                  .getEntry()
                  .size()
              : mapper.readTree(body).path("entry").size();
      ObjectNode answer = mapper.createObjectNode();
      answer.put("resourceType", "Bundle").put("type", "transaction-response");
      ArrayNode entries = answer.putArray("entry");
      for (int i = 0; i < asked; i++) {
        entries.addObject().putObject("response").put("status", "200 OK");
      }
      byte[] json = mapper.writeValueAsBytes(answer);
      exchange.getResponseHeaders().set("Content-Type", "application/fhir+json");
      exchange.sendResponseHeaders(200, json.length);
      exchange.getResponseBody().write(json);
      exchange.close();
      answered(asked);
    }

    private synchronized byte[] received(HttpExchange exchange) throws IOException {
      first = first == 0 ? System.nanoTime() : first;
      byte[] body = exchange.getRequestBody().readAllBytes();
      if (keep) {
        Files.write(file(bundles, kept++), body);
      }
      return body;
    }

    private synchronized void answered(int asked) {
      resources += asked;
      last = System.nanoTime();
    }

    @Override
    public void close() {
      http.stop(0);
      threads.shutdownNow();
    }
  }
}
