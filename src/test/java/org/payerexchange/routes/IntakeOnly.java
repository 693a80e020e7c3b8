package org.payerexchange.routes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The intake's own route files, with nothing behind them: transfers stay as they were received. */
final class IntakeOnly {
  private static final String NOTHING_BEHIND =
      """
      - route:
          id: wake-work
          description: Stands where the next stage begins.
          from:
            uri: direct:wake-work
            steps:
              - to:
                  id: end-here
                  uri: log:woken?level=OFF
      """;

  private IntakeOnly() {}

  /** Copies them into a new folder below this one. */
  static Path routesIn(Path folder) throws IOException {
    Path routes = Files.createDirectories(folder.resolve("routes"));
    for (String name : List.of("beans", "errors", "intake", "intake-files", "intake-jms")) {
      String file = name + ".camel.yaml";
      Files.copy(RouteFiles.PRODUCTION.resolve(file), routes.resolve(file));
    }
    Files.writeString(routes.resolve("nothing-behind.camel.yaml"), NOTHING_BEHIND);
    return routes;
  }
}
