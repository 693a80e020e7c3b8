package org.payerexchange.it;

import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.delete;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.support.Gateway;

/**
 * Members' whole histories into HAPI's JPA server, which insists on references that resolve; by
 * make hapi-jpa. Prints figures.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HapiJpaIT {
  private static final int MEMBERS = 2;
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String OWN_PROVENANCE = "Provenance/bison.transfer-";

  @RegisterExtension final Gateway gateway = new Gateway();
  @TempDir Path folder;

  /** What is to be there, by {@code Type/id} at the FHIR server. */
  private final Map<String, JsonNode> exported = new TreeMap<>();

  @BeforeEach
  void export() throws IOException {
    gateway.stub(
        post(urlEqualTo("/auth/realms/dev-portal/protocol/openid-connect/token"))
            .willReturn(okJson("{\"access_token\": \"token-1\", \"expires_in\": 3600}")));
    for (int member = 0; member < MEMBERS; member++) {
      export(member);
    }
  }

  @Test
  void historiesArriveWholeThoughTheBundleIsKilledAndASecondTransferMakesNoNewVersions()
      throws Exception {
    Instant start = Instant.now();
    try (HapiJpaServer server = HapiJpaServer.start(folder.resolve("server"), exported.size() / 2);
        Nodes nodes = new Nodes(folder, settings(server))) {
      nodes.start(1);
      print("start", start);

      Instant first = Instant.now();
      take("first");
      server.awaitHeld();
      nodes.kill(0);
      server.letGo();
      assertThat(server.history()).hasSizeLessThan(exported.size());
      nodes.restart(0);
      awaitComplete(MEMBERS);
      print("first transfers, with a kill", first);

      Map<String, List<JsonNode>> once = server.history();
      assertAllIsThere(once);
      assertReferencesLeadAsAtThePayer(once);
      assertOnlyVisitsWereWrittenTwice(once);

      Instant second = Instant.now();
      take("second");
      awaitComplete(2 * MEMBERS);
      print("second transfers", second);

      Map<String, List<JsonNode>> twice = server.history();
      assertAllIsThere(twice);
      assertThat(versions(twice)).isEqualTo(versions(once));
    } catch (Throwable failure) {
      failure.addSuppressed(new IllegalStateException(logs()));
      throw failure;
    }
  }

  private void assertAllIsThere(Map<String, List<JsonNode>> history) throws IOException {
    assertThat(history.keySet()).containsAll(exported.keySet());
    assertThat(history.keySet())
        .filteredOn(name -> !exported.containsKey(name))
        .hasSameSizeAs(manifests())
        .allMatch(name -> name.startsWith(OWN_PROVENANCE));
    List<String> dangling = new ArrayList<>();
    long references = 0;
    for (Map.Entry<String, List<JsonNode>> resource : history.entrySet()) {
      for (String target : references(resource.getValue().get(0))) {
        references++;
        if (!history.containsKey(target)) {
          dangling.add(resource.getKey() + " -> " + target);
        }
      }
    }
    System.out.printf(
        "%d resources, %d references, %d of them dangling; resources by number of versions: %s%n",
        history.size(),
        references,
        dangling.size(),
        versions(history).values().stream()
            .collect(Collectors.groupingBy(n -> n, TreeMap::new, Collectors.counting())));
    assertThat(dangling).isEmpty();
  }

  private void assertReferencesLeadAsAtThePayer(Map<String, List<JsonNode>> history) {
    exported.forEach(
        (name, line) -> {
          JsonNode stored = history.get(name).get(0);
          assertThat(references(stored)).as(name).containsExactlyElementsOf(references(line));
          assertThat(values(stored, "url")).as(name).containsExactlyElementsOf(values(line, "url"));
          assertThat(identifiers(stored)).as("NPIs of " + name).containsAll(npis(line));
        });
  }

  /** A visit names a diagnosis, which comes later. */
  private static void assertOnlyVisitsWereWrittenTwice(Map<String, List<JsonNode>> history) {
    versions(history)
        .forEach(
            (name, versions) ->
                assertThat(versions)
                    .as(name)
                    .isLessThanOrEqualTo(name.startsWith("Encounter/") ? 2 : 1));
  }

  private static Map<String, Integer> versions(Map<String, List<JsonNode>> history) {
    return history.entrySet().stream()
        .filter(resource -> !resource.getKey().startsWith(OWN_PROVENANCE))
        .collect(
            Collectors.toMap(
                Map.Entry::getKey, each -> each.getValue().size(), (a, b) -> a, TreeMap::new));
  }

  /** The targets of all references but those to contained resources and by identifier. */
  private static List<String> references(JsonNode resource) {
    return values(resource, "reference").stream()
        .filter(reference -> !reference.startsWith("#") && !reference.contains("?"))
        .toList();
  }

  private static List<String> npis(JsonNode resource) {
    return values(resource, "reference").stream()
        .filter(reference -> reference.contains("?identifier=" + SyntheaLikeHistory.NPI))
        .map(search -> search.substring(search.indexOf('=') + 1))
        .toList();
  }

  private static List<String> identifiers(JsonNode resource) {
    return resource.findParents("value").stream()
        .map(parent -> parent.path("system").asText() + "|" + parent.path("value").asText())
        .toList();
  }

  /** Those of links are as they are to be at the FHIR server. */
  private static List<String> values(JsonNode node, String field) {
    List<String> values = new ArrayList<>();
    node.findValues(field).stream().map(JsonNode::asText).forEach(values::add);
    return values.stream()
        .map(
            value ->
                value.replaceFirst("^(?:http.*/)?([A-Z][A-Za-z]+/)([0-9a-f-]{36})$", "$1bison.$2"))
        .sorted()
        .toList();
  }

  private void export(int member) throws IOException {
    String payer = gateway.url() + "/v1/bison";
    String exports = "/v1/bison/bulk-data/r4";
    String job = "%s/$export/job/%d".formatted(exports, member);
    List<String> output = new ArrayList<>();
    for (Map.Entry<String, List<String>> file : SyntheaLikeHistory.of(payer, member).entrySet()) {
      String url = "%s/$export/file/%d-%s".formatted(exports, member, file.getKey());
      output.add(
          "{\"type\": \"%s\", \"url\": \"%s%s\"}".formatted(file.getKey(), gateway.url(), url));
      gateway.stub(get(urlEqualTo(url)).willReturn(ok(String.join("\n", file.getValue()))));
      for (String line : file.getValue()) {
        JsonNode resource = JSON.readTree(line);
        exported.put(file.getKey() + "/bison." + resource.path("id").asText(), resource);
      }
    }
    gateway.stub(
        post(urlEqualTo("/v1/bison/member-match/$member-match"))
            .withRequestBody(containing("\"coverage-" + member + "\""))
            .willReturn(okJson("{\"groupId\": \"g-%d\"}".formatted(member))));
    gateway.stub(
        get(urlEqualTo("%s/Group/g-%d/$export".formatted(exports, member)))
            .willReturn(status(202).withHeader("Content-Location", gateway.url() + job)));
    gateway.stub(
        get(urlEqualTo(job))
            .willReturn(okJson("{\"output\": [%s]}".formatted(String.join(", ", output)))));
    gateway.stub(delete(urlEqualTo(job)).willReturn(status(202)));
  }

  private void take(String turn) throws IOException {
    List<String> records = new ArrayList<>();
    for (int member = 0; member < MEMBERS; member++) {
      records.add(
          Pipeline.record(
              turn + "-" + member,
              "bison",
              "S-" + member,
              "Synthia",
              "Testperson" + member,
              "1980-02-29",
              "coverage-" + member));
    }
    Pipeline.drop(folder.resolve("inbox"), records);
  }

  private void awaitComplete(int transfers) throws IOException {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(manifests()).hasSize(transfers));
    for (Path manifest : manifests()) {
      JsonNode outcome = JSON.readTree(manifest.toFile());
      assertThat(outcome.path("status").asText()).as(outcome.toString()).isEqualTo("COMPLETE");
      assertThat(outcome.path("warnings")).as(outcome.toString()).isEmpty();
    }
  }

  private List<Path> manifests() throws IOException {
    Path outbox = folder.resolve("outbox");
    if (!Files.isDirectory(outbox)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(outbox)) {
      return files.filter(file -> file.endsWith("manifest.json")).toList();
    }
  }

  private String logs() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      StringBuilder logs = new StringBuilder();
      for (Path log : files.filter(file -> file.endsWith("errors.log")).toList()) {
        logs.append(Files.readString(log));
      }
      return logs.toString();
    }
  }

  private List<String> settings(HapiJpaServer server) throws IOException {
    return List.of(
        "p2p.inbox.directory=" + Files.createDirectories(folder.resolve("inbox")),
        "p2p.work.directory=" + folder.resolve("work"),
        "p2p.outbox.directory=" + folder.resolve("outbox"),
        "p2p.database.url=jdbc:h2:file:" + folder.resolve("ledger"),
        "p2p.deliver.fhir.base-url=" + server.url(),
        "p2p.jms.url=",
        "p2p.ops.port=",
        "p2p.tick=200ms",
        "p2p.inbox.quiet-time=200ms",
        "p2p.poll.min-delay=200ms",
        "p2p.lease=30s",
        "p2p.payers.bison.base-url=%s/v1/bison".formatted(gateway.url()),
        "p2p.payers.bison.token-url=%s/auth/realms/dev-portal/protocol/openid-connect/token"
            .formatted(gateway.url()),
        "p2p.payers.bison.client-id=test",
        "p2p.payers.bison.client-secret=test",
        "p2p.payers.bison.scope=member-match|read");
  }

  private static void print(String what, Instant since) {
    System.out.printf(
        "%s: %.1f s%n", what, Duration.between(since, Instant.now()).toMillis() / 1e3);
  }
}
