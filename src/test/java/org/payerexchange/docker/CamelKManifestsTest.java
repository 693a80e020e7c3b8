package org.payerexchange.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The manifests for Camel K. */
class CamelKManifestsTest {
  private static final Path FOLDER = Path.of("docker", "camel-k");
  private static final CamelKSchema SCHEMA = new CamelKSchema();

  private final Dockerfile dockerfile = Dockerfile.read();

  @ParameterizedTest
  @ValueSource(strings = {"integration.yaml", "integration-sources.yaml"})
  void theIntegrationIsOneThatCamelKUnderstandsInFull(String file) throws IOException {
    assertThat(SCHEMA.problems(Kustomization.yaml(FOLDER.resolve(file)))).isEmpty();
  }

  @Test
  void theSchemaFindsWhatIsUnknownOrOfAnotherType() throws IOException {
    assertThat(problems("/spec", node -> node.put("replicas", "two"))).hasSize(1);
    assertThat(problems("/spec/traits", node -> node.putObject("podDisruptionBudget"))).hasSize(1);
    assertThat(problems("/spec/traits/container", node -> node.put("request-cpu", "1"))).hasSize(1);
    assertThat(problems("/spec/traits/container", node -> node.put("imagePullPolicy", "Often")))
        .hasSize(1);
    assertThat(problems("/spec/traits/health", node -> node.put("readinessPort", "8080")))
        .hasSize(1);
  }

  private static List<String> problems(String path, Consumer<ObjectNode> mistake)
      throws IOException {
    JsonNode integration = Kustomization.yaml(FOLDER.resolve("integration.yaml"));
    mistake.accept((ObjectNode) integration.at(path));
    return SCHEMA.problems(integration);
  }

  @Test
  void theImagesUserPortVolumesAndConfigurationAreTheIntegrations() throws IOException {
    JsonNode traits = traits("integration.yaml");
    String port = dockerfile.last("EXPOSE").arguments();
    assertThat(traits.at("/container/port")).hasToString(port);
    assertThat(traits.at("/security-context/runAsUser"))
        .hasToString(dockerfile.last("USER").arguments().split(":", 2)[0]);
    for (String volume : dockerfile.last("VOLUME").exec()) {
      assertThat(texts(traits.at("/mount/volumes"), traits.at("/mount/emptyDirs")))
          .anyMatch(mount -> mount.contains(":" + volume));
    }
    for (String probe : List.of("startup", "liveness", "readiness")) {
      assertThat(traits.at("/health/" + probe + "ProbeEnabled")).hasToString("true");
      assertThat(traits.at("/health/" + probe + "Port")).hasToString(port);
      assertThat(traits.at("/health/" + probe + "Probe").asText())
          .isEqualTo("/observe/health/" + (probe.startsWith("readiness") ? "ready" : "live"));
    }
    assertThat(texts(traits.at("/environment/vars")))
        .filteredOn(variable -> variable.matches("\\w*(PASSWORD|SECRET|TOKEN|KEY|USER)=.*"))
        .hasSize(4)
        .allMatch(variable -> variable.matches("(\\w+)=secret:payer-exchange/\\1"));
    assertThat(texts(traits.at("/environment/vars")))
        .allMatch(variable -> Configuration.variables().contains(variable.split("=", 2)[0]));
    assertThat(traits.at("/cron/enabled")).hasToString("false");
  }

  @Test
  void moreNodesComeForMessagesOfTheIntakeQueue() throws IOException {
    JsonNode keda = traits("integration.yaml").path("keda");
    assertThat(keda.at("/triggers/0/metadata/queueName").asText())
        .isEqualTo(Configuration.defaults().getProperty("p2p.jms.intake-queue"));
    assertThat(keda.path("minReplicaCount"))
        .isEqualTo(Kustomization.yaml(FOLDER.resolve("integration.yaml")).at("/spec/replicas"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"integration.yaml", "integration-sources.yaml"})
  void aStartMayTakeAnHourToBringTheLedgerUpToDate(String file) throws IOException {
    JsonNode health = traits(file).path("health");
    assertThat(
            health.path("startupPeriod").asInt() * health.path("startupFailureThreshold").asInt())
        .isEqualTo(3600);
  }

  @ParameterizedTest
  @CsvSource({"kamel-run.sh, integration.yaml", "kamel-run-sources.sh, integration-sources.yaml"})
  void theKamelLineSaysTheSameAsTheManifest(String script, String file, @TempDir Path folder)
      throws Exception {
    JsonNode integration = Kustomization.yaml(FOLDER.resolve(file));
    ((ObjectNode) integration.at("/spec/traits")).remove("keda");

    assertThat(KamelRun.typed(FOLDER.resolve(script), folder))
        .isEqualTo(KamelRun.written(integration));
  }

  /** Camel K names a volume after what is mounted, whatever its kind. */
  @ParameterizedTest
  @ValueSource(strings = {"integration.yaml", "integration-sources.yaml"})
  void noTwoMountsHaveOneName(String file) throws IOException {
    JsonNode mount = traits(file).path("mount");
    List<String> names = new ArrayList<>();
    texts(mount.path("configs")).forEach(config -> names.add(config.split(":", 2)[1]));
    texts(mount.path("volumes"), mount.path("emptyDirs"))
        .forEach(volume -> names.add(volume.split(":", 2)[0]));

    assertThat(names).hasSizeGreaterThan(2).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(strings = {"integration.yaml", "integration-sources.yaml"})
  void aNodeEndsWithinTheThirtySecondsThatItsPodHas(String file) throws IOException {
    assertThat(texts(traits(file).at("/environment/vars")))
        .containsAnyOf("P2P_SHUTDOWN_TIMEOUT=20s", "CAMEL_MAIN_SHUTDOWNTIMEOUT=20");
  }

  @ParameterizedTest
  @ValueSource(strings = {"integration.yaml", "integration-sources.yaml"})
  void whereNoTwoNodesRunOnOneMachineOneMayEndBeforeTheNextStarts(String file) throws IOException {
    assertThat(traits(file).at("/affinity/podAntiAffinity")).hasToString("true");
    assertThat(traits(file).at("/deployment/rollingUpdateMaxUnavailable")).hasToString("1");
  }

  @Test
  void theSourcesAreTheRoutesThatThereAreAndTheJarIsThisProjects() throws Exception {
    JsonNode spec = Kustomization.yaml(FOLDER.resolve("integration-sources.yaml")).path("spec");
    try (Stream<Path> files = Files.list(Path.of("routes"))) {
      assertThat(spec.path("sources").findValuesAsText("contentKey"))
          .containsExactlyInAnyOrderElementsOf(
              files
                  .filter(Files::isRegularFile)
                  .map(file -> file.getFileName().toString())
                  .toList());
    }
    for (JsonNode source : spec.path("sources")) {
      assertThat(source.path("contentKey")).isEqualTo(source.path("name"));
      assertThat(source.path("contentRef").asText()).isEqualTo("payer-exchange-routes");
    }
    String[] jar = texts(spec.path("dependencies")).get(0).split(":", 4);
    assertThat(Files.readString(Path.of("pom.xml")))
        .containsPattern(
            "<groupId>%s</groupId>\\s+<artifactId>%s</artifactId>\\s+<version>%s</version>"
                .formatted(jar[1], jar[2], jar[3]));
  }

  private static JsonNode traits(String file) throws IOException {
    return Kustomization.yaml(FOLDER.resolve(file)).at("/spec/traits");
  }

  private static List<String> texts(JsonNode... lists) {
    return List.of(lists).stream()
        .flatMap(list -> StreamSupport.stream(list.spliterator(), false))
        .map(JsonNode::asText)
        .toList();
  }
}
