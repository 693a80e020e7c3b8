package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LedgerMigrationsTest {

  @Test
  void allMigrationsInTheFolderAreListed() throws IOException, URISyntaxException {
    Path folder =
        Path.of(LedgerMigrations.class.getResource("/" + LedgerMigrations.FOLDER).toURI());
    try (Stream<Path> files = Files.walk(folder)) {
      assertThat(
              files
                  .filter(Files::isRegularFile)
                  .map(file -> folder.relativize(file).toString().replace('\\', '/')))
          .containsExactlyInAnyOrderElementsOf(
              Stream.concat(LedgerMigrations.H2.stream(), LedgerMigrations.POSTGRESQL.stream())
                  .distinct()
                  .toList());
    }
  }
}
