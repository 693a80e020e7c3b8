package org.payerexchange.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.store.LedgerDatabase;
import org.payerexchange.ledger.store.LedgerIdentity;
import org.payerexchange.ledger.store.TestDatabase;

class SharedFoldersTest {
  @TempDir Path directory;
  private final AtomicInteger seconds = new AtomicInteger();
  private final InstantSource instants = () -> Instant.EPOCH.plusSeconds(seconds.getAndAdd(2));
  private final Clock clock = instants.withZone(ZoneOffset.UTC);
  private LedgerDatabase database;

  @BeforeEach
  void openLedger() {
    database = LedgerDatabase.open(TestDatabase.POSTGRESQL.newUrl(directory), "postgres", "", 4);
  }

  @AfterEach
  void closeLedger() {
    database.close();
  }

  @Test
  void theFirstNodeMarksTheFoldersWithTheLedgersIdAndTheOthersSeeIt() {
    SharedFolders first = folders(database, "work", "outbox");
    SharedFolders second = folders(database, "work", "outbox");

    assertThat(first.areSeen()).isTrue();
    assertThat(second.areSeen()).isTrue();
    String id = new LedgerIdentity(database).id();
    assertThat(directory.resolve("work").resolve(SharedFolders.MARK)).hasContent(id);
    assertThat(directory.resolve("outbox").resolve(SharedFolders.MARK)).hasContent(id);
  }

  @Test
  void aFolderOfANodesOwnIsNotMarkedAndNotSeen() throws Exception {
    folders(database, "work", "outbox").areSeen();
    SharedFolders other = folders(database, "work", "own");
    Files.createDirectories(directory.resolve("own"));

    assertThat(other.areSeen()).isFalse();
    assertThat(other.problems())
        .singleElement()
        .asString()
        .startsWith("p2p.outbox.directory: ")
        .contains("is missing", new LedgerIdentity(database).id());
    assertThat(directory.resolve("own")).isEmptyDirectory();
  }

  @Test
  void aFolderThatWasUnmountedIsSeenAgainWhenItIsBack() throws Exception {
    SharedFolders folders = folders(database, "work", "outbox");
    folders.areSeen();
    Path away = directory.resolve("away");
    Files.move(directory.resolve("work"), away);
    Files.createDirectories(directory.resolve("work"));

    assertThat(folders.areSeen()).isFalse();

    Files.delete(directory.resolve("work"));
    Files.move(away, directory.resolve("work"));
    assertThat(folders.areSeen()).isTrue();
  }

  @Test
  void aFolderOfAnotherLedgerIsNotTaken() throws Exception {
    Files.createDirectories(directory.resolve("work"));
    Files.writeString(directory.resolve("work").resolve(SharedFolders.MARK), "another");

    SharedFolders folders = folders(database, "work", "outbox");

    assertThat(folders.problems()).singleElement().asString().contains("names another ledger");
    assertThat(directory.resolve("work").resolve(SharedFolders.MARK)).hasContent("another");
  }

  @Test
  void aFolderThatCannotBeWrittenIsMarkedLater() throws Exception {
    Path work = Files.writeString(directory.resolve("work"), "no folder yet");
    SharedFolders folders = folders(database, "work", "outbox");
    assertThat(folders.areSeen()).isFalse();

    Files.delete(work);

    assertThat(folders.areSeen()).isTrue();
  }

  @Test
  void theNodeOfAnEmbeddedLedgerMarksFoldersThatAreThereAndMakesNone() throws Exception {
    try (LedgerDatabase single = single()) {
      Files.createDirectories(directory.resolve("work"));

      assertThat(folders(single, "work", "outbox").areSeen()).isTrue();

      assertThat(directory.resolve("work").resolve(SharedFolders.MARK))
          .hasContent(new LedgerIdentity(single).id());
      assertThat(directory.resolve("outbox")).doesNotExist();
    }
  }

  @Test
  void anEmbeddedLedgerLeavesTheFoldersOfAnotherAlone() throws Exception {
    Path work = Files.createDirectories(directory.resolve("work"));
    Files.writeString(work.resolve(SharedFolders.MARK), "another");
    try (LedgerDatabase single = single()) {
      assertThat(folders(single, "work", "outbox").problems())
          .singleElement()
          .asString()
          .startsWith("p2p.work.directory: ")
          .contains("is another ledger's", new LedgerIdentity(single).id());
      assertThat(work.resolve(SharedFolders.MARK)).hasContent("another");
    }
  }

  @Test
  void aNewEmbeddedLedgerLeavesUnmarkedDataAloneThoughItIsUsedMeanwhile() throws Exception {
    Files.createDirectories(transfer("work", UUID.randomUUID().toString()));
    Files.createDirectories(transfer("outbox/bison", UUID.randomUUID().toString()));
    try (LedgerDatabase single = single()) {
      SharedFolders folders = folders(single, "work", "outbox");
      assertThat(folders.problems())
          .hasSize(2)
          .allMatch(problem -> problem.contains("that the ledger does not know"));

      new LedgerUse(single).register();

      assertThat(folders.areSeen()).isFalse();
      assertThat(directory.resolve("work").resolve(SharedFolders.MARK)).doesNotExist();
    }
  }

  @Test
  void anEmbeddedLedgerThatWasUsedBeforeItMarkedAnythingTakesItsFoldersAsTheyAre()
      throws Exception {
    Files.createDirectories(transfer("outbox/bison", UUID.randomUUID().toString()));
    try (LedgerDatabase single = single()) {
      LedgerUse use = new LedgerUse(single);
      use.register();
      use.remove();

      assertThat(folders(single, "work", "outbox").areSeen()).isTrue();

      assertThat(directory.resolve("outbox").resolve(SharedFolders.MARK)).exists();
    }
  }

  @Test
  void anEmbeddedLedgerKnowsAFolderWithoutAMarkByItsTransfers() throws Exception {
    try (LedgerDatabase single = single()) {
      new LedgerIdentity(single).id();
      Files.createDirectories(transfer("work", UUID.randomUUID().toString()));
      Files.createDirectories(transfer("work", new LedgerUse(single).register()));

      assertThat(folders(single, "work", "outbox").areSeen()).isTrue();

      assertThat(directory.resolve("work").resolve(SharedFolders.MARK)).exists();
    }
  }

  private Path transfer(String folder, String id) {
    return directory.resolve(folder).resolve(id);
  }

  private LedgerDatabase single() {
    return LedgerDatabase.open(TestDatabase.H2.newUrl(directory), "postgres", "", 2);
  }

  /** What a node does on its ledger. */
  private record LedgerUse(LedgerDatabase ledger) {
    String register() {
      String id = UUID.randomUUID().toString();
      change(
          """
          INSERT INTO transfer (id, payer, state, source, record_number, request_sha256,
            received_at, updated_at)
          VALUES ('%s', 'bison', 'RECEIVED', 'a file', 1, '', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)"""
              .formatted(id));
      change(
          """
          INSERT INTO step (kind, transfer_id, lane, item, due_at)
          VALUES ('MEMBER_MATCH', '%s', 'bison', 0, CURRENT_TIMESTAMP)"""
              .formatted(id));
      return id;
    }

    void remove() {
      change("DELETE FROM step");
      change("DELETE FROM transfer");
    }

    private void change(String sql) {
      try (Connection connection = ledger.dataSource().getConnection();
          Statement statement = connection.createStatement()) {
        statement.executeUpdate(sql);
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private SharedFolders folders(LedgerDatabase ledger, String work, String outbox) {
    return new SharedFolders(
        new LedgerIdentity(ledger),
        directory.resolve(work).toString(),
        directory.resolve(outbox).toString(),
        clock);
  }
}
