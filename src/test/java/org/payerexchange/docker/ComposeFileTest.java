package org.payerexchange.docker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.payerexchange.docker.ComposeFile.Condition;
import org.payerexchange.docker.ComposeFile.Service;

/** What Docker would find wrong with the compose file, and what it would not. */
class ComposeFileTest {
  private static final Set<String> OURS = Set.of("node-1", "node-2", "sandbox");

  private final ComposeFile compose = ComposeFile.read();

  @Test
  void whatAServiceWaitsForIsThereAndCanBeKnownToBeHealthy() {
    compose
        .services()
        .forEach(
            (name, service) ->
                service
                    .dependsOn()
                    .forEach(
                        (other, dependency) -> {
                          Service needed = compose.services().get(other);
                          assertThat(needed).as("%s, which %s needs", other, name).isNotNull();
                          if (dependency.condition() == Condition.SERVICE_HEALTHY) {
                            assertThat(isChecked(needed)).as("health of %s", other).isTrue();
                          }
                        }));
  }

  private static boolean isChecked(Service service) {
    boolean ofTheImage = service.build() != null;
    return service.healthcheck() == null ? ofTheImage : !service.healthcheck().disable();
  }

  @Test
  void everyVolumeIsDeclaredOrAFileOfTheProject() {
    for (Service service : compose.services().values()) {
      for (String volume : service.volumes()) {
        String source = volume.split(":", 3)[0];
        if (source.startsWith(".")) {
          assertThat(ComposeFile.FOLDER.resolve(source)).exists();
          assertThat(volume).endsWith(":ro");
        } else {
          assertThat(compose.volumes()).containsKey(source);
        }
      }
    }
  }

  @Test
  void portsArePublishedOnLoopbackAloneAndOnce() {
    List<String> ports =
        compose.services().values().stream().flatMap(service -> service.ports().stream()).toList();

    assertThat(ports).allMatch(port -> port.matches("127\\.0\\.0\\.1:\\d+:\\d+"));
    assertThat(ports.stream().map(port -> port.split(":", 3)[1])).doesNotHaveDuplicates();
  }

  @Test
  void everyImageIsBuiltHereOrHasAVersion() {
    compose
        .services()
        .forEach(
            (name, service) -> {
              if (service.build() == null) {
                assertThat(service.image()).as(name).matches("[a-z0-9/-]+:v?[0-9][a-z0-9.-]*");
              } else {
                Path context = ComposeFile.FOLDER.resolve(service.build().context());
                assertThat(context.resolve(service.build().dockerfile())).exists();
                if (service.build().target() != null) {
                  assertThat(Dockerfile.read().stage(service.build().target())).isNotEmpty();
                }
              }
            });
  }

  @Test
  void theBundleRunsWithoutAnyRightThatItDoesNotNeed() {
    for (String name : OURS) {
      Service service = compose.services().get(name);
      assertThat(service.readOnly()).as(name).isTrue();
      assertThat(service.capDrop()).as(name).containsExactly("ALL");
      assertThat(service.securityOpt()).as(name).containsExactly("no-new-privileges:true");
      assertThat(service.tmpfs()).as(name).containsExactly("/tmp");
    }
  }

  @Test
  void theNodesAreAlikeAndEveryVariableOfTheirsIsAKey() {
    Service first = compose.services().get("node-1");
    assertThat(compose.services().get("node-2").environment()).isEqualTo(first.environment());
    assertThat(compose.services().get("node-2").volumes()).isEqualTo(first.volumes());
    assertThat(Configuration.variables()).containsAll(first.environment().keySet());
  }

  @Test
  void prometheusScrapesBothNodesWithTheirKeyAndGrafanaAsksPrometheus() throws IOException {
    String scraped = Files.readString(ComposeFile.FOLDER.resolve("prometheus/prometheus.yml"));
    assertThat(scraped)
        .contains("- node-1:8080", "- node-2:8080", "metrics_path: /observe/metrics")
        .contains(
            "credentials: "
                + compose.services().get("node-1").environment().get("P2P_OPS_KEYS_METRICS_KEY"));
    assertThat(compose.services().get("node-1").environment())
        .containsEntry("P2P_OPS_KEYS_METRICS_ROLE", "reader");
    assertThat(Files.readString(ComposeFile.FOLDER.resolve("grafana/datasources/prometheus.yaml")))
        .contains("http://prometheus:9090");
    String mounted = "/etc/grafana/provisioning";
    assertThat(compose.services().get("grafana").volumes())
        .containsExactly("./grafana:" + mounted + ":ro");
    assertThat(Files.readString(ComposeFile.FOLDER.resolve("grafana/dashboards/provider.yaml")))
        .contains("path: " + mounted + "/dashboards");
  }

  @Test
  void hostsThatTheNodesNameAreServices() throws IOException {
    Map<String, String> environment = compose.services().get("node-1").environment();
    assertThat(environment.get("P2P_DATABASE_URL")).contains("//postgres:5432/");
    assertThat(environment.get("P2P_JMS_URL")).isEqualTo("tcp://artemis:61616");
    assertThat(Files.readString(ComposeFile.FOLDER.resolve("payers.properties")))
        .contains("http://sandbox:8090/");
    assertThat(compose.services()).containsKeys("postgres", "artemis", "sandbox");
  }
}
