package org.payerexchange.docker;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The keys that there are. */
final class Configuration {
  private Configuration() {}

  static Properties defaults() {
    Properties keys = new Properties();
    try (InputStream file = Files.newInputStream(Path.of("config", "application.properties"))) {
      keys.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return keys;
  }

  static Set<String> keys() {
    return defaults().stringPropertyNames();
  }

  /** The same as environment variables, with those of a reader's key that scrapers have. */
  static Set<String> variables() {
    return Stream.concat(
            keys().stream(), Stream.of("p2p.ops.keys.metrics.key", "p2p.ops.keys.metrics.role"))
        .map(key -> key.replaceAll("[.-]", "_").toUpperCase(Locale.ROOT))
        .collect(Collectors.toSet());
  }
}
