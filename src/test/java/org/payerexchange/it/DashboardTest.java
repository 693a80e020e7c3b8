package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.store.Herd;
import org.payerexchange.ledger.store.LedgerDatabase;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.FreePort;
import org.payerexchange.support.TestBundle;
import org.payerexchange.support.TestCertificate;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The dashboard and the alerts of {@code docker/}: what they ask for is there. */
class DashboardTest {
  private static final Path DASHBOARD = Path.of("docker/grafana/dashboards/payer-exchange.json");
  private static final Path ALERTS = Path.of("docker/prometheus/alerts.yml");

  /** The name of a metric, with the labels by which it is chosen. */
  private static final Pattern METRIC =
      Pattern.compile("\\b([a-z0-9]+_[a-z0-9_]+)\\b(?!\\s*\\()(?:\\{([^}]*)\\})?");

  private static final Pattern LABEL = Pattern.compile("([a-z_]+)(?:=|!=|=~|!~)\"");
  private static final Pattern BY = Pattern.compile("\\bby \\(([^)]*)\\)");

  @TempDir Path folder;

  @Test
  void eachMetricAndLabelThatTheyNameIsExposedByABundleInTrouble() throws Exception {
    Map<String, Set<String>> exposed = exposed();

    for (String expression : expressions()) {
      Set<String> grouped = new TreeSet<>();
      BY.matcher(expression)
          .results()
          .forEach(by -> grouped.addAll(List.of(by.group(1).split(", "))));
      for (MatchResult metric : metrics(expression)) {
        assertThat(exposed).as(expression).containsKey(metric.group(1));
        Set<String> labels = exposed.get(metric.group(1));
        assertThat(labels).as(expression).containsAll(grouped);
        if (metric.group(2) != null) {
          assertThat(labels)
              .as(expression)
              .containsAll(
                  LABEL.matcher(metric.group(2)).results().map(label -> label.group(1)).toList());
        }
      }
    }
  }

  /** What every node tells of the ledger is counted once. */
  @Test
  void figuresOfTheLedgerAreNeverAddedUpOverNodes() throws IOException {
    List<String> ofTheLedger =
        expressions().stream()
            .filter(expression -> Pattern.compile("\\bp2p_(?!node_)").matcher(expression).find())
            .toList();

    assertThat(ofTheLedger)
        .hasSizeGreaterThan(10)
        .allMatch(expression -> expression.matches("(max|min) by \\(.*"))
        .noneMatch(expression -> expression.contains("sum"));
  }

  @Test
  void eachAlertSaysHowBadItIsAndWhatToDoByKeysThatAreThere() throws IOException {
    String keys = Files.readString(Path.of("config/application.properties"));
    assertThat(alerts())
        .hasSizeGreaterThan(10)
        .allSatisfy(
            alert -> {
              assertThat(alert.at("/labels/severity").asText()).isIn("info", "warning", "critical");
              assertThat(alert.at("/annotations/summary").asText()).isNotEmpty();
              String runbook = alert.at("/annotations/runbook").asText();
              assertThat(runbook).isNotEmpty().doesNotContain("\n");
              Pattern.compile("\\bp2p\\.[a-z.-]*[a-z]")
                  .matcher(runbook)
                  .results()
                  .forEach(key -> assertThat(keys).contains("\n" + key.group() + "="));
            });
  }

  @Test
  void eachMetricOfOursThatTheyNameStandsInTheirPage() throws IOException {
    String page = Files.readString(Path.of("docs/operations.md"));
    for (String expression : expressions()) {
      metrics(expression).stream()
          .map(metric -> metric.group(1).replaceFirst("_seconds_(bucket|count|sum)$", "_seconds"))
          .filter(name -> name.startsWith("p2p_"))
          .forEach(name -> assertThat(page).contains("`" + name + "`"));
    }
  }

  private static List<MatchResult> metrics(String expression) {
    return METRIC.matcher(BY.matcher(expression).replaceAll("")).results().toList();
  }

  private static List<String> expressions() throws IOException {
    JsonNode dashboard = new ObjectMapper().readTree(DASHBOARD.toFile());
    return Stream.concat(
            dashboard.findValuesAsText("expr").stream(),
            alerts().stream().map(alert -> alert.path("expr").asText()))
        // Prometheus itself says whether a node answers
        .filter(expression -> !expression.startsWith("up{"))
        .toList();
  }

  private static List<JsonNode> alerts() throws IOException {
    Map<String, Object> tree =
        new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(ALERTS));
    JsonNode rules = new ObjectMapper().valueToTree(tree).at("/groups/0/rules");
    return Stream.iterate(0, i -> i < rules.size(), i -> i + 1).map(rules::get).toList();
  }

  /**
   * The labels of each metric of a bundle in which something went well, something failed, a payer
   * refuses the client, a sink is away, and members wait in a batch. Prometheus adds the instance.
   */
  private Map<String, Set<String>> exposed() throws Exception {
    Path store = TestCertificate.make(folder, "client").keyStore();
    try (Sandbox bison = Sandbox.start(SandboxOptions.defaults());
        Sandbox heron = Sandbox.start(SandboxOptions.builder().tenants(Set.of("heron")).build());
        TestBundle bundle = TestBundle.in(folder).ops()) {
      Pipeline.payer(bundle, "bison", bison);
      Pipeline.payer(bundle, "heron", heron)
          .set("p2p.payers.heron.key-store", store.toString())
          .set("p2p.payers.heron.key-store-password", TestCertificate.PASSWORD)
          .set("p2p.deliver.file-uris.1", "file:" + folder.resolve("sink"))
          .set("p2p.deliver.file-uris.2", "http://127.0.0.1:%d/files".formatted(FreePort.find()))
          .start();
      heron.faults().rates(Map.of(Fault.CLIENT_REFUSED, 1.0));
      Pipeline pipeline = new Pipeline(bundle);
      pipeline.take(
          List.of(
              Pipeline.record("good", Members.load("bison", 1)),
              Pipeline.record("held", Members.load("heron", 1)),
              Pipeline.record("ended", Members.load("heron", 2))));
      new Herd(bundle.bean("ledgerDatabase", LedgerDatabase.class)).register("Alder");
      bundle.awaitHeldForTokens(1);
      String good = pipeline.id("good");
      await()
          .atMost(Duration.ofMinutes(3))
          .until(
              () ->
                  pipeline.events(good).contains("RETRY_LATER")
                      && pipeline.events(good).contains("DELIVERY_DONE"));
      bundle.post("/api/transfers/%s/cancel".formatted(pipeline.id("ended")));
      // so that the next try of the sink that is away is due, and stays so
      bundle.context().getRouteController().stopRoute("claim-work", 1, TimeUnit.SECONDS);
      await()
          .atMost(Duration.ofMinutes(3))
          .untilAsserted(
              () -> {
                System.gc();
                assertThat(bundle.get("/observe/metrics"))
                    .contains("jvm_gc_pause_seconds_sum", "p2p_oldest_due_seconds{");
              });
      return labels(bundle.get("/observe/metrics"));
    }
  }

  private static Map<String, Set<String>> labels(String metrics) {
    Map<String, Set<String>> found = new HashMap<>();
    metrics
        .lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(
            line -> {
              Set<String> labels =
                  found.computeIfAbsent(
                      line.split("[{ ]", 2)[0], name -> new TreeSet<>(Set.of("instance")));
              LABEL.matcher(line).results().map(label -> label.group(1)).forEach(labels::add);
            });
    return found;
  }
}
