package org.payerexchange.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class H2FileTest {
  @TempDir Path directory;

  @Test
  void onlyItsOwnerReadsTheLedger() throws Exception {
    try (LedgerDatabase database =
        LedgerDatabase.open(TestDatabase.H2.newUrl(directory), "postgres", "", 2)) {
      assertThat(database.embedded()).isTrue();
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(directory.resolve("ledger.mv.db"))))
          .isEqualTo("rw-------");
    }
  }
}
