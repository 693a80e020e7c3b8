package org.payerexchange.boot;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.impl.DefaultCamelContext;

/**
 * Where a bundle finds its settings and its routes.
 *
 * @param config folder that may hold {@code application.properties} and {@code payers.properties};
 *     both override the defaults on the class path; and a folder {@code conf.d}, as Camel K and
 *     Kubernetes mount it, of which every {@code .properties} file at any depth comes before {@code
 *     application.properties}, a later path before an earlier one
 * @param routes folder whose {@code *.camel.yaml} files replace those of the class path: all of
 *     them where all are loaded, else each the one of its name
 * @param routeFiles the route files to load, such as {@code beans}; {@code *} for all
 * @param overrides settings that win over files and environment variables
 * @param environment whether environment variables are settings
 */
public record Setup(
    Optional<Path> config,
    Optional<Path> routes,
    List<String> routeFiles,
    Map<String, String> overrides,
    boolean environment) {

  /** What the name of a route file ends with. */
  public static final String ROUTE_FILE = ".camel.yaml";

  /** Of the files; Camel's own choice would be Latin-1. */
  static final String ENCODING = "UTF-8";

  /** Copies the collections. */
  public Setup {
    routeFiles = List.copyOf(routeFiles);
    overrides = Map.copyOf(overrides);
  }

  /** With the environment's settings. */
  public Setup(
      Optional<Path> config,
      Optional<Path> routes,
      List<String> routeFiles,
      Map<String, String> overrides) {
    this(config, routes, routeFiles, overrides, true);
  }

  /** All routes, and no setting overridden. */
  public Setup(Optional<Path> config, Optional<Path> routes) {
    this(config, routes, List.of("*"), Map.of());
  }

  /** The same with one more setting overridden. */
  public Setup with(String key, String value) {
    Map<String, String> more = new HashMap<>(overrides);
    more.put(key, value);
    return new Setup(config, routes, routeFiles, more, environment);
  }

  /** The same with no more than these route files. */
  public Setup withRoutes(String... files) {
    return new Setup(config, routes, Arrays.asList(files), overrides, environment);
  }

  /** The same where no environment variable is a setting. */
  public Setup withoutEnvironment() {
    return new Setup(config, routes, routeFiles, overrides, false);
  }

  /** Names the folders only: overrides may hold secrets. */
  @Override
  public String toString() {
    return "Setup[config=%s, routes=%s, routeFiles=%s]".formatted(config, routes, routeFiles);
  }

  /** Reads the settings without starting anything. */
  public <T> T read(Function<Settings, T> reader) {
    try (DefaultCamelContext context = new DefaultCamelContext(false)) {
      Environment.of(context, environment);
      locations().ifPresent(context.getPropertiesComponent()::addLocation);
      context.getPropertiesComponent().setOverrideProperties(overrideProperties());
      context.build();
      return reader.apply(new Settings(context));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What Camel calls locations; it takes a key from the first one that has it. */
  Optional<String> locations() {
    return config.map(
        folder ->
            Stream.of(
                    Stream.of(folder.resolve("payers.properties")),
                    mounted(folder.resolve("conf.d")).stream(),
                    Stream.of(folder.resolve("application.properties")))
                .flatMap(files -> files)
                .map(Setup::requireReadable)
                .map(file -> "file:" + file + ";optional=true,")
                .collect(Collectors.joining("", "", "classpath:application.properties")));
  }

  /** Camel takes a file that it cannot read for one that is not there. */
  private static Path requireReadable(Path file) {
    if (Files.exists(file) && !(Files.isRegularFile(file) && Files.isReadable(file))) {
      throw new IllegalArgumentException(file + ": is no file that can be read");
    }
    if (Files.exists(file)) {
      try (Reader text = new InputStreamReader(Files.newInputStream(file), ENCODING)) {
        new Properties().load(text);
      } catch (IllegalArgumentException malformed) {
        // a backslash and a u without four digits behind them; whose it is Camel does not say
        throw new IllegalArgumentException(file + ": " + malformed.getMessage(), malformed);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return file;
  }

  /**
   * Kubernetes keeps a second copy of each mounted file in a folder whose name begins with "..".
   */
  private static List<Path> mounted(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> tree = Files.walk(folder)) {
      return tree.filter(file -> file.toString().endsWith(".properties"))
          .filter(Files::isRegularFile)
          .filter(file -> !folder.relativize(file).toString().contains(".."))
          .sorted(Comparator.reverseOrder())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What Camel calls override properties. */
  Properties overrideProperties() {
    Properties properties = new Properties();
    properties.putAll(overrides);
    return properties;
  }

  /** What Camel calls the routes include pattern: of the folder, or of the class path. */
  String routesIncludePattern() {
    return routeFiles.stream()
        .map(file -> file + ROUTE_FILE)
        .map(file -> folderOf(file) + "/" + file)
        .collect(Collectors.joining(","));
  }

  private String folderOf(String file) {
    return routes
        .filter(folder -> holds(folder, file))
        .map(folder -> "file:" + folder)
        .orElse("classpath:routes");
  }

  private static boolean holds(Path folder, String file) {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (var files = Files.newDirectoryStream(folder, file)) {
      return files.iterator().hasNext();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
