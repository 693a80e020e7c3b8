package org.payerexchange.docker;

import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * {@code docker/compose.yaml}, read strictly: a key that stands nowhere here, or a value of another
 * type, is refused. The names are those of the Compose specification.
 */
public record ComposeFile(String name, Map<String, Service> services, Map<String, Volume> volumes) {
  /** Where it is; its paths start there. */
  static final Path FOLDER = Path.of("docker");

  private static final ObjectMapper STRICT =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .build();

  /** Reads the file of this project. */
  public static ComposeFile read() {
    try {
      Yaml yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
      Map<String, Object> tree = yaml.load(Files.readString(FOLDER.resolve("compose.yaml")));
      tree.keySet().removeIf(key -> key.startsWith("x-"));
      return STRICT.convertValue(tree, ComposeFile.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A container. */
  public record Service(
      String image,
      Build build,
      List<String> command,
      Map<String, String> environment,
      List<String> volumes,
      List<String> ports,
      List<String> tmpfs,
      List<String> capDrop,
      List<String> securityOpt,
      boolean readOnly,
      String user,
      String workingDir,
      String networkMode,
      String stopGracePeriod,
      Map<String, Dependency> dependsOn,
      HealthCheck healthcheck) {

    /** Nothing where the file says nothing. */
    public Service {
      command = Optional.ofNullable(command).orElse(List.of());
      environment = Optional.ofNullable(environment).orElse(Map.of());
      volumes = Optional.ofNullable(volumes).orElse(List.of());
      ports = Optional.ofNullable(ports).orElse(List.of());
      dependsOn = Optional.ofNullable(dependsOn).orElse(Map.of());
    }
  }

  /** How an image is built; {@code target} is a stage, or null for the last one. */
  public record Build(String context, String dockerfile, String target) {}

  record Dependency(Condition condition) {}

  enum Condition {
    SERVICE_STARTED,
    SERVICE_HEALTHY
  }

  record HealthCheck(List<String> test, String interval, int retries, boolean disable) {}

  record Volume() {}
}
