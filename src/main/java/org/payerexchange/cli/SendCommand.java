package org.payerexchange.cli;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.payerexchange.auth.ClearText;
import org.payerexchange.boot.OpsKeys;
import org.payerexchange.boot.OwnCertificate;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.intake.Printable;
import org.springframework.util.unit.DataSize;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code send}: the records of a file, to a bundle that runs. */
@Command(
    name = "send",
    description = "Sends the records of a file to a bundle that runs, over HTTP or by a message.",
    footer = {
      "",
      "The file is sent as it is. The ops API's key is that of the configuration (P2P_OPS_API_KEY, or",
      "one of p2p.ops.keys whose role is operator or else intake), the broker's user P2P_JMS_USER and P2P_JMS_PASSWORD."
    },
    mixinStandardHelpOptions = true)
final class SendCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Set<String> SCHEMES = Set.of("http", "https");
  private static final String MOST = "p2p.jms.max-message-bytes";
  private static final String QUEUE = "p2p.jms.intake-queue";
  private static final String USER = "p2p.jms.user";
  private static final String PASSWORD = "p2p.jms.password";
  private static final String INTAKE = "/api/transfers";

  @Mixin private Location location;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "JSON, NDJSON, CSV or FHIR Parameters.")
  private Path file;

  @Option(
      names = "--payer",
      paramLabel = "PAYER",
      description = "The payer of records that name none.")
  private String payer;

  @Option(
      names = "--queue",
      paramLabel = "NAME",
      description = "The queue of --jms (default: p2p.jms.intake-queue).")
  private String queue;

  @ArgGroup(multiplicity = "1")
  private Whither whither;

  /** An ops API, or a broker. */
  static final class Whither {
    @Option(
        names = "--http",
        paramLabel = "URL",
        description = "The ops API: http://127.0.0.1:8080.")
    private String http;

    @Option(names = "--jms", paramLabel = "URL", description = "The broker: tcp://broker:61616.")
    private String jms;
  }

  @Override
  public Integer call() throws Exception {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new IOException(file + ": there is no such file, or it cannot be read");
    }
    return whither.http == null ? byMessage() : byRequest();
  }

  private int byRequest() throws Exception {
    URI url = url();
    HttpResponse<byte[]> answer = answer(url);
    JsonNode said = read(answer);
    if (!said.has("accepted")) {
      throw new IOException(
          Printable.text(
              said.path("error").asText("%s answered %d".formatted(url, answer.statusCode()))));
    }
    return tell(said);
  }

  private URI url() throws IOException {
    URI url;
    try {
      url = new URI(whither.http);
    } catch (URISyntaxException none) {
      url = URI.create("");
    }
    String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
    if (url.getHost() == null || !SCHEMES.contains(scheme)) {
      throw new IOException(
          "--http: is no URL such as http://127.0.0.1:8080, which begins with http:// or https:// and names a host");
    }
    if (ClearText.leavesThisMachine(url)) {
      throw new IOException(
          "--http: members' data goes to another machine by https alone: give an https URL");
    }
    return url.getPath().replace("/", "").isEmpty() ? url.resolve(INTAKE) : url;
  }

  private HttpResponse<byte[]> answer(URI url) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url).timeout(PATIENCE).POST(BodyPublishers.ofFile(file));
    if (payer != null) {
      request.header("payer", payer);
    }
    HttpClient client =
        location.read(
            settings -> {
              OpsKeys.ofSender(settings)
                  .ifPresent(key -> request.header("Authorization", "Bearer " + key));
              HttpClient.Builder http = HttpClient.newBuilder().connectTimeout(PATIENCE);
              OwnCertificate.context(settings).ifPresent(http::sslContext);
              return http.build();
            });
    try {
      return client.send(request.build(), BodyHandlers.ofByteArray());
    } catch (ConnectException | HttpConnectTimeoutException nobody) {
      throw new IOException("nothing answers at " + url);
    } catch (IOException broken) {
      throw new IOException(
          "the connection to %s broke: nothing is known of what became of the records; sent again, those that were taken are the same transfers. A file may be longer than p2p.ops.max-body-bytes there"
              .formatted(url));
    }
  }

  private JsonNode read(HttpResponse<byte[]> answer) throws IOException {
    try {
      return JsonLimits.mapper().readTree(answer.body());
    } catch (IOException none) {
      throw new IOException(
          "what answers at %s is no ops API: %d".formatted(answer.uri(), answer.statusCode()));
    }
  }

  private int tell(JsonNode answer) {
    PrintWriter out = spec.commandLine().getOut();
    answer
        .path("accepted")
        .forEach(each -> out.printf("record %d: %s%n", each.path("record").asLong(), became(each)));
    answer
        .path("rejected")
        .forEach(
            each ->
                out.printf("record %d: rejected: %s%n", each.path("record").asLong(), why(each)));
    out.printf(
        "%d taken, %d rejected%n", answer.path("accepted").size(), answer.path("rejected").size());
    return answer.path("rejected").isEmpty() ? 0 : 1;
  }

  private static String became(JsonNode accepted) {
    JsonNode withdrawn = accepted.path("withdrawn");
    return withdrawn.isMissingNode()
        ? "transfer " + Printable.text(accepted.path("id").asText())
        : "withdrawn: %d transfers ended, %d requests are not asked again"
            .formatted(withdrawn.path("transfers").asInt(), withdrawn.path("recurrences").asInt());
  }

  private static String why(JsonNode rejected) {
    return rejected
        .path("issue")
        .valueStream()
        .map(issue -> Printable.text(issue.at("/details/text").asText()))
        .collect(Collectors.joining("; "));
  }

  private int byMessage() throws Exception {
    Map<String, String> settings = settings(MOST, QUEUE, USER, PASSWORD);
    long most = DataSize.parse(settings.get(MOST)).toBytes();
    if (Files.size(file) > most) {
      throw new IOException(
          "%s: is longer than the %d bytes of %s, and no message that is taken"
              .formatted(file, most, MOST));
    }
    byte[] records = Files.readAllBytes(file);
    String to = queue == null ? settings.get(QUEUE) : queue;
    try (ActiveMQConnectionFactory broker =
            new ActiveMQConnectionFactory(whither.jms, settings.get(USER), settings.get(PASSWORD));
        JMSContext session = broker.createContext()) {
      BytesMessage message = session.createBytesMessage();
      message.writeBytes(records);
      if (payer != null) {
        message.setStringProperty("payer", payer);
      }
      session.createProducer().send(session.createQueue(to), message);
      spec.commandLine()
          .getOut()
          .printf(
              "sent to queue %s; what becomes of it: status --source %s%n",
              to, message.getJMSMessageID());
      return 0;
    } catch (JMSException | RuntimeException refused) {
      // its own words may hold the password of an URL's parameter
      throw new IOException(
          "the broker of --jms does not take it (%s): is the URL like tcp://broker:61616, and does it answer?"
              .formatted(refused.getClass().getSimpleName()));
    }
  }

  /** Read at once: each reading is a Camel context. */
  private Map<String, String> settings(String... keys) {
    return location.read(
        settings -> Stream.of(keys).collect(Collectors.toMap(key -> key, settings::text)));
  }
}
