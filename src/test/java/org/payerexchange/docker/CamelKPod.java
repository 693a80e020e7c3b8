package org.payerexchange.docker;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What Camel K mounts for {@code docker/camel-k/integration-sources.yaml}, below a folder instead
 * of the root, and the Quarkus application that it builds, run on that.
 */
public final class CamelKPod {
  private static final Path APPLICATION = Path.of("target/quarkus/quarkus-app/quarkus-run.jar");
  private static final String STATE = "/var/lib/payer-exchange";

  private final Path root;
  private final JsonNode integration;

  private CamelKPod(Path root, JsonNode integration) {
    this.root = root;
    this.integration = integration;
  }

  /** The folder of the application and its libraries. */
  public static Path application() {
    return APPLICATION.getParent();
  }

  /**
   * Mounts the routes and one file for each ConfigMap and Secret.
   *
   * @param configMap text of the ConfigMap's application.properties
   * @param secret text of the Secret's payers.properties
   */
  public static CamelKPod layOut(Path root, String configMap, String secret) throws IOException {
    CamelKPod pod =
        new CamelKPod(root, Kustomization.yaml(Path.of("docker/camel-k/integration-sources.yaml")));
    pod.mountRoutes();
    Path mounts = pod.mounts().resolve("conf.d");
    MountedVolume.write(
        mounts.resolve("_configmaps/payer-exchange-settings"), "application.properties", configMap);
    MountedVolume.write(
        mounts.resolve("_secrets/payer-exchange-payers"), "payers.properties", secret);
    MountedVolume.write(mounts.resolve("_configmaps/payer-exchange-ca"), "ca.crt", "");
    pod.write("application.properties", pod.operatorsProperties());
    Files.createDirectories(pod.state());
    return pod;
  }

  private void mountRoutes() throws IOException {
    for (JsonNode source : integration.at("/spec/sources")) {
      String routes = Files.readString(Path.of("routes", source.path("contentKey").asText()));
      write("sources/" + source.path("name").asText(), routes);
    }
  }

  /** What the operator writes for its runtime plain-quarkus. */
  private String operatorsProperties() {
    List<String> configs = new ArrayList<>();
    for (JsonNode config : integration.at("/spec/traits/mount/configs")) {
      String[] parts = config.asText().split(":", 2);
      configs.add(mounts().resolve("conf.d/_" + parts[0] + "s/" + parts[1]).toString());
    }
    return """
        camel.main.source-location-enabled=true
        camel.main.routes-include-pattern=file:%s/**
        camel.main.cloud-properties-location=%s
        camel.context.rest-configuration.component=platform-http
        """
        .formatted(mounts().resolve("sources"), String.join(",", configs));
  }

  /** Where the claim is mounted. */
  public Path state() {
    return root.resolve(STATE.substring(1));
  }

  /** Starts it on loopback, without the Secrets that variables come from. */
  public Process start(int port, Path log) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx384m");
    integration.at("/spec/traits/jvm/options").forEach(option -> command.add(option.asText()));
    command.addAll(List.of("-jar", APPLICATION.toAbsolutePath().toString()));
    ProcessBuilder process =
        new ProcessBuilder(command)
            .directory(root.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    Map<String, String> environment = process.environment();
    environment.clear();
    environment.put(
        "QUARKUS_CONFIG_LOCATIONS", mounts().resolve("application.properties").toString());
    environment.put("QUARKUS_HTTP_HOST", "127.0.0.1");
    environment.put("QUARKUS_HTTP_PORT", Integer.toString(port));
    for (JsonNode variable : integration.at("/spec/traits/environment/vars")) {
      String[] entry = variable.asText().split("=", 2);
      if (!entry[1].startsWith("secret:")) {
        environment.put(entry[0], entry[1].replace(STATE, state().toString()));
      }
    }
    return process.start();
  }

  private Path mounts() {
    return root.resolve("etc/camel");
  }

  private void write(String file, String text) throws IOException {
    Path path = mounts().resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }
}
