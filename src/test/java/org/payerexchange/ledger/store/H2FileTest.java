package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DataAccessException;

class H2FileTest {
  @TempDir Path directory;

  @Test
  void onlyItsOwnerReadsTheLedger() throws Exception {
    try (LedgerDatabase database =
        LedgerDatabase.open(TestDatabase.H2.newUrl(directory), "postgres", "", 2)) {
      assertThat(database.embedded()).isTrue();
      assertThat(database.file()).contains(directory.resolve("ledger.mv.db"));
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

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aLedgerMayBeForcedFromNowOnOrNoMore(boolean forced) {
    String url = TestDatabase.H2.newUrl(directory);
    try (LedgerDatabase database = LedgerDatabase.open(url, "postgres", "", 2, !forced)) {
      new Node(database, "node", Duration.ofMinutes(5)).register("bison", 2);
    }
    try (LedgerDatabase database = LedgerDatabase.open(url, "postgres", "", 2, forced)) {
      Node node = new Node(database, "node", Duration.ofMinutes(5));
      assertThat(node.claims.claimForMatch(10)).hasSize(2);
    }
  }
}
