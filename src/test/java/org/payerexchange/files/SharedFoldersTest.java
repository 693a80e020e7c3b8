package org.payerexchange.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
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
  void theLedgerOfASingleNodeMarksNothing() {
    try (LedgerDatabase single =
        LedgerDatabase.open(TestDatabase.H2.newUrl(directory), "postgres", "", 2)) {
      assertThat(folders(single, "work", "outbox").areSeen()).isTrue();
      assertThat(directory.resolve("work")).doesNotExist();
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
