package org.payerexchange.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The manifests for plain Kubernetes, as kustomize builds them. */
class KubernetesManifestsTest {
  private static final Path FOLDER = Path.of("docker", "kubernetes");

  private final Dockerfile dockerfile = Dockerfile.read();

  @ParameterizedTest
  @ValueSource(strings = {"base", "single-node"})
  void everyObjectIsOneThatKubernetesUnderstandsInFull(String overlay) throws IOException {
    for (JsonNode object : Kustomization.build(FOLDER.resolve(overlay))) {
      assertThat(KubernetesSchema.problems(object)).isEmpty();
    }
  }

  @Test
  void theSchemaFindsWhatIsUnknownMissingOrOfAnotherType() throws IOException {
    assertThat(problem("/spec/template/spec/containers/0", node -> node.put("imagee", "x")))
        .contains("imagee");
    assertThat(problem("/spec", node -> node.remove("selector"))).contains("selector");
    assertThat(problem("/spec", node -> node.put("replicas", "two"))).contains("two");
    assertThat(
            problem("/spec/template/spec/securityContext", node -> node.put("runAsNonRoot", "yes")))
        .contains("runAsNonRoot");
  }

  private static String problem(String path, Consumer<ObjectNode> mistake) throws IOException {
    JsonNode deployment = deployment("base");
    mistake.accept((ObjectNode) deployment.at(path));
    return KubernetesSchema.problems(deployment).get(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"base", "single-node"})
  void everyFileIsUsed(String overlay) throws IOException {
    Path folder = FOLDER.resolve(overlay);
    Kustomization kustomization = Kustomization.read(folder);
    Set<String> used = new TreeSet<>(kustomization.resources());
    used.remove("../base");
    used.add("kustomization.yaml");
    kustomization.configMapGenerator().forEach(map -> used.addAll(map.files()));
    if (kustomization.patches() != null) {
      kustomization.patches().forEach(patch -> used.add(patch.path()));
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(used);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"base", "single-node"})
  void thePodHasNoRightThatItDoesNotNeed(String overlay) throws IOException {
    JsonNode pod = pod(overlay);
    String user = dockerfile.last("USER").arguments().split(":", 2)[0];
    assertThat(pod.at("/automountServiceAccountToken")).hasToString("false");
    assertThat(pod.at("/securityContext/runAsNonRoot")).hasToString("true");
    assertThat(pod.at("/securityContext/runAsUser")).hasToString(user);
    assertThat(pod.at("/securityContext/fsGroup")).hasToString(user);
    assertThat(pod.at("/securityContext/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");

    JsonNode container = pod.at("/containers/0");
    assertThat(container.at("/securityContext/readOnlyRootFilesystem")).hasToString("true");
    assertThat(container.at("/securityContext/allowPrivilegeEscalation")).hasToString("false");
    assertThat(container.at("/securityContext/capabilities/drop")).hasToString("[\"ALL\"]");
    assertThat(container.at("/resources/limits/memory").asText()).isNotEmpty();
  }

  @Test
  void probesAskWhereTheImageAnswers() throws IOException {
    JsonNode container = pod("base").at("/containers/0");
    String port = dockerfile.last("EXPOSE").arguments();
    assertThat(container.at("/ports/0/containerPort")).hasToString(port);
    for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
      JsonNode question = container.at("/" + probe + "/httpGet");
      assertThat(question.path("port")).isEqualTo(container.at("/ports/0/name"));
      assertThat(question.path("path").asText())
          .isEqualTo("/observe/health/" + (probe.startsWith("readiness") ? "ready" : "live"));
    }
  }

  @Test
  void aStartMayTakeAnHourToBringTheLedgerUpToDate() throws IOException {
    JsonNode startup = pod("base").at("/containers/0/startupProbe");
    assertThat(startup.path("periodSeconds").asInt() * startup.path("failureThreshold").asInt())
        .isEqualTo(3600);
  }

  @Test
  void everyVolumeOfTheImageIsMountedAndConfigurationLiesWhereItIsReadFrom() throws IOException {
    JsonNode pod = pod("base");
    List<String> paths = texts(pod.at("/containers/0/volumeMounts"), "mountPath");
    assertThat(paths).containsAll(dockerfile.last("VOLUME").exec());
    assertThat(paths)
        .filteredOn(path -> !dockerfile.last("VOLUME").exec().contains(path))
        .hasSize(3)
        .allMatch(path -> path.startsWith(ImageTree.CONFIG + "/conf.d/"));
    assertThat(texts(pod.at("/containers/0/volumeMounts"), "name"))
        .containsExactlyInAnyOrderElementsOf(texts(pod.at("/volumes"), "name"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"base", "single-node"})
  void secretsAreNamedAndNowhereWritten(String overlay) throws IOException {
    for (JsonNode object : Kustomization.build(FOLDER.resolve(overlay))) {
      assertThat(object.path("kind").asText()).isNotEqualTo("Secret");
    }
    JsonNode container = pod(overlay).at("/containers/0");
    assertThat(container.has("env")).isFalse();
    assertThat(container.at("/envFrom/0/secretRef/name").asText()).isEqualTo("payer-exchange");
    assertThat(Kustomization.settings(FOLDER.resolve(overlay)).stringPropertyNames())
        .noneMatch(key -> key.matches(".*(password|secret|token|api-key).*"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"base", "single-node"})
  void whatSelectsPodsFindsThem(String overlay) throws IOException {
    JsonNode labels = deployment(overlay).at("/spec/template/metadata/labels");
    for (JsonNode object : Kustomization.build(FOLDER.resolve(overlay))) {
      for (String selector :
          List.of("/spec/selector/matchLabels", "/spec/podSelector/matchLabels")) {
        if (!object.at(selector).isMissingNode()) {
          assertThat(object.at(selector)).isEqualTo(labels);
        }
      }
      if (object.path("kind").asText().equals("Service")) {
        assertThat(object.at("/spec/selector")).isEqualTo(labels);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"base", "single-node"})
  void everySettingIsAKey(String overlay) throws IOException {
    assertThat(Kustomization.settings(FOLDER.resolve(overlay)).stringPropertyNames())
        .isSubsetOf(Configuration.keys());
  }

  @Test
  void aPodMayTakeLongerToEndThanItsWorkMay() throws IOException {
    String timeout = Configuration.defaults().getProperty("p2p.shutdown.timeout");
    assertThat(timeout).isEqualTo("30s");
    assertThat(pod("base").path("terminationGracePeriodSeconds").asInt()).isGreaterThan(30);
  }

  @Test
  void severalNodesShareADatabaseAndAVolumeAndOneIsAlwaysThere() throws IOException {
    List<JsonNode> objects = Kustomization.build(FOLDER.resolve("base"));
    assertThat(deployment("base").at("/spec/replicas").asInt()).isGreaterThan(1);
    assertThat(deployment("base").at("/spec/strategy/rollingUpdate/maxUnavailable"))
        .hasToString("0");
    assertThat(object(objects, "PersistentVolumeClaim").at("/spec/accessModes"))
        .hasToString("[\"ReadWriteMany\"]");
    assertThat(object(objects, "PodDisruptionBudget").at("/spec/maxUnavailable")).hasToString("1");
    assertThat(database("base")).startsWith("jdbc:postgresql:");
  }

  @Test
  void aSingleNodeHasItsOwnLedgerAndEndsBeforeTheNextOneStarts() throws IOException {
    List<JsonNode> objects = Kustomization.build(FOLDER.resolve("single-node"));
    assertThat(deployment("single-node").at("/spec/replicas")).hasToString("1");
    assertThat(deployment("single-node").at("/spec/strategy"))
        .hasToString("{\"type\":\"Recreate\"}");
    assertThat(object(objects, "PersistentVolumeClaim").at("/spec/accessModes"))
        .hasToString("[\"ReadWriteOnce\"]");
    assertThat(objects)
        .noneMatch(object -> object.path("kind").asText().equals("PodDisruptionBudget"));
    assertThat(database("single-node")).startsWith("jdbc:h2:file:./");
  }

  @Test
  void nodesComeAndGoByAMetricThatThereIsAndAreNeverFewerThanWithoutIt() throws IOException {
    JsonNode scaled = object(Kustomization.build(FOLDER.resolve("keda")), "ScaledObject");
    JsonNode deployment = deployment("base");
    assertThat(scaled.at("/spec/scaleTargetRef/name")).isEqualTo(deployment.at("/metadata/name"));
    assertThat(scaled.at("/spec/minReplicaCount")).isEqualTo(deployment.at("/spec/replicas"));
    Matcher metric =
        Pattern.compile("p2p_\\w+").matcher(scaled.at("/spec/triggers/0/metadata/query").asText());
    assertThat(metric.find()).isTrue();
    assertThat(Files.readString(Path.of("docs/operations.md")))
        .contains("`" + metric.group() + "`");
  }

  @Test
  void eachEntryIsAFolderThatKustomizeBuilds() throws IOException {
    try (Stream<Path> entries = Files.list(FOLDER)) {
      assertThat(entries).isNotEmpty().allMatch(Kustomization::isFolder);
    }
  }

  private static String database(String overlay) throws IOException {
    Properties settings = Kustomization.settings(FOLDER.resolve(overlay));
    return settings.getProperty("p2p.database.url");
  }

  @Test
  void theServiceMonitorFindsTheServiceItsPortAndAReadersKey() throws IOException {
    JsonNode monitor =
        object(Kustomization.build(FOLDER.resolve("service-monitor")), "ServiceMonitor");
    JsonNode service = object(Kustomization.build(FOLDER.resolve("base")), "Service");
    assertThat(monitor.at("/spec/selector/matchLabels")).isEqualTo(service.at("/metadata/labels"));
    JsonNode endpoint = monitor.at("/spec/endpoints/0");
    assertThat(endpoint.path("port")).isEqualTo(service.at("/spec/ports/0/name"));
    assertThat(endpoint.path("path").asText()).isEqualTo("/observe/metrics");
    JsonNode key = endpoint.at("/authorization/credentials");
    assertThat(key.path("name"))
        .isEqualTo(pod("base").at("/containers/0/envFrom/0/secretRef/name"));
    assertThat(key.path("key").asText()).isEqualTo("P2P_OPS_KEYS_METRICS_KEY");
  }

  private static JsonNode pod(String overlay) throws IOException {
    return deployment(overlay).at("/spec/template/spec");
  }

  private static JsonNode deployment(String overlay) throws IOException {
    return object(Kustomization.build(FOLDER.resolve(overlay)), "Deployment");
  }

  private static JsonNode object(List<JsonNode> objects, String kind) {
    return objects.stream()
        .filter(object -> object.path("kind").asText().equals(kind))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> texts(JsonNode list, String field) {
    return new ArrayList<>(
        StreamSupport.stream(list.spliterator(), false)
            .map(each -> each.path(field).asText())
            .toList());
  }
}
