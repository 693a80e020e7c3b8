package org.payerexchange.bench;

import static org.apache.camel.Exchange.HTTP_METHOD;
import static org.apache.camel.Exchange.HTTP_RESPONSE_CODE;
import static org.apache.camel.Exchange.HTTP_URI;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.StreamSupport;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;

/**
 * The main class of a JVM that makes the requests of transfers with Camel routes that know no
 * ledger: match, kick-off, polls, files streamed into a folder, release. Its arguments are the
 * payer's base URL, the folder and how many transfers it makes at once. It prints {@code ready};
 * for a line with a token, the first member and their number it makes their transfers and prints
 * the nanoseconds and the milliseconds of CPU time that they took. It ends with its standard input.
 */
public final class BareCamel extends RouteBuilder {
  private static final String CALL = "direct:call";
  private static final String FILE = "direct:file";
  private static final String TRANSFER = "direct:transfer";
  private static final String JOB = "job";
  private static final int ACCEPTED = 202;

  private final URI base;
  private final String folder;
  private volatile String token;

  private BareCamel(String base, String folder) {
    this.base = URI.create(base);
    this.folder = folder;
  }

  /** Runs until its standard input ends. */
  public static void main(String[] arguments) throws Exception {
    int parallel = Integer.parseInt(arguments[2]);
    ExecutorService threads = Executors.newFixedThreadPool(parallel);
    try (DefaultCamelContext camel = new DefaultCamelContext();
        Scanner lines = new Scanner(System.in, StandardCharsets.UTF_8)) {
      camel.setStreamCaching(false);
      BareCamel routes = new BareCamel(arguments[0], arguments[1]);
      camel.addRoutes(routes);
      camel.start();
      ProducerTemplate template = camel.createProducerTemplate();
      System.out.println("ready");
      while (lines.hasNextLine()) {
        String[] round = lines.nextLine().split(" ", -1);
        routes.token = round[0];
        run(template, threads, Integer.parseInt(round[1]), Integer.parseInt(round[2]));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static void run(ProducerTemplate template, ExecutorService threads, int first, int count)
      throws Exception {
    OperatingSystemMXBean process =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long cpu = process.getProcessCpuTime();
    long start = System.nanoTime();
    List<Future<Object>> transfers = new ArrayList<>();
    for (int each = first; each < first + count; each++) {
      int member = each;
      transfers.add(threads.submit(() -> template.requestBody(TRANSFER, member)));
    }
    for (Future<Object> transfer : transfers) {
      transfer.get();
    }
    System.out.println(
        System.nanoTime() - start + " " + (process.getProcessCpuTime() - cpu) / 1_000_000);
  }

  @Override
  public void configure() {
    errorHandler(noErrorHandler());

    from(TRANSFER)
        .process(this::match)
        .to(CALL)
        .unmarshal()
        .json(JsonNode.class)
        .process(this::kickOff)
        .to(CALL)
        .unmarshal()
        .json(JsonNode.class)
        .process(this::job)
        .loopDoWhile(header(HTTP_RESPONSE_CODE).isEqualTo(ACCEPTED))
        .process(this::poll)
        .to(CALL)
        .convertBodyTo(byte[].class)
        .end()
        .unmarshal()
        .json(JsonNode.class)
        .process(this::files)
        .split(body())
        .to(FILE)
        .end()
        .process(this::release)
        .to(CALL)
        .convertBodyTo(byte[].class);

    from(FILE)
        .process(this::download)
        .to(CALL)
        .removeHeaders("*")
        .setHeader(Exchange.FILE_NAME, simple("${exchangeId}.ndjson"))
        .to("file:" + folder + "?tempPrefix=.");

    from(CALL)
        .setHeader("Authorization", () -> "Bearer " + token)
        .to("http:payer?disableStreamCache=true&copyHeaders=false");
  }

  private void match(Exchange exchange) {
    int member = exchange.getMessage().getBody(Integer.class);
    ask(exchange, "POST", base + "/member-match/$member-match");
    exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/json");
    exchange.getMessage().setBody(BareClient.Members.request(member));
  }

  private void kickOff(Exchange exchange) {
    String group = exchange.getMessage().getBody(JsonNode.class).path("groupId").asText();
    ask(exchange, "GET", base + "/bulk-data/r4/Group/" + group + "/$export");
  }

  private void job(Exchange exchange) {
    String text =
        exchange.getMessage().getBody(JsonNode.class).at("/issue/0/details/text").asText();
    exchange.setProperty(JOB, reachable(text.substring(text.lastIndexOf(' ') + 1)));
    exchange.getMessage().setHeader(HTTP_RESPONSE_CODE, ACCEPTED);
  }

  private void poll(Exchange exchange) {
    ask(exchange, "GET", exchange.getProperty(JOB, String.class));
  }

  private void files(Exchange exchange) {
    JsonNode output = exchange.getMessage().getBody(JsonNode.class).path("output");
    exchange
        .getMessage()
        .setBody(
            StreamSupport.stream(output.spliterator(), false)
                .map(file -> reachable(file.path("url").asText()))
                .toList());
  }

  private void download(Exchange exchange) {
    ask(exchange, "GET", exchange.getMessage().getBody(String.class));
  }

  private void release(Exchange exchange) {
    ask(exchange, "DELETE", exchange.getProperty(JOB, String.class));
  }

  private static void ask(Exchange exchange, String method, String url) {
    exchange.getMessage().removeHeaders("*");
    exchange.getMessage().setHeader(HTTP_METHOD, method);
    exchange.getMessage().setHeader(HTTP_URI, url);
    exchange.getMessage().setBody(null);
  }

  private String reachable(String url) {
    return base.resolve(URI.create(url).getRawPath()).toString();
  }
}
