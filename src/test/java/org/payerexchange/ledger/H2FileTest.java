package org.payerexchange.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.dao.DataAccessException;

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

  @Test
  void noStatementIsWrittenBesideTheLedger() throws Exception {
    try (LedgerDatabase database =
        LedgerDatabase.open(TestDatabase.H2.newUrl(directory), "postgres", "", 2)) {
      assertThatThrownBy(
              () -> database.jdbc().sql("SELECT Testperson FROM nowhere").query().listOfRows())
          .isInstanceOf(DataAccessException.class);
    }
    assertThat(directory.resolve("ledger.trace.db")).doesNotExist();
  }
}
