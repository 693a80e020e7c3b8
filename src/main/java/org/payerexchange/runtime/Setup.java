package org.payerexchange.runtime;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where a bundle finds its settings and its routes.
 *
 * @param config folder that may hold {@code application.properties} and {@code payers.properties};
 *     both override the defaults on the class path
 * @param routes folder whose {@code *.camel.yaml} files, if it holds any, replace the routes of the
 *     class path
 * @param overrides settings that win over files and environment variables
 */
public record Setup(Optional<Path> config, Optional<Path> routes, Map<String, String> overrides) {
  public Setup {
    overrides = Map.copyOf(overrides);
  }

  /** The bundle's own routes and defaults, changed by {@code overrides} alone. */
  public static Setup of(Map<String, String> overrides) {
    return new Setup(Optional.empty(), Optional.empty(), overrides);
  }

  /** Names the folders only: overrides may hold secrets. */
  @Override
  public String toString() {
    return "Setup[config=%s, routes=%s]".formatted(config, routes);
  }
}
