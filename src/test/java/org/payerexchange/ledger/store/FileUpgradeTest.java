package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.h2.api.DatabaseEventListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.boot.Failures;
import org.payerexchange.support.Folders;
import org.payerexchange.support.JavaProcess;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * An H2 ledger of an earlier version that is brought up to date, and cut off at any statement. A
 * sample of them; {@code -Dp2p.cuts=all} tries them all.
 */
class FileUpgradeTest {
  private static final boolean ALL = "all".equals(System.getProperty("p2p.cuts"));
  private static final int TRANSFERS = 30;

  @TempDir Path folder;

  @AfterEach
  void listenNoMore() {
    Listener.then = statement -> {};
  }

  @Test
  void aLedgerWhoseUpgradeIsCutOffAtAnyStatementIsOpenedAndBroughtUpToDateTheNextTime()
      throws Exception {
    Path old = oldLedger();
    List<Path> cuts = cuts(old, 7);
    assertThat(cuts).hasSizeGreaterThan(3);

    for (Path cut : cuts) {
      try (LedgerDatabase ledger = open(url(cut))) {
        assertThat(
                ledger.finds("SELECT 1 FROM recurrence_request WHERE consent_policy IS NOT NULL"))
            .as("the last step is made in %s", cut)
            .isFalse();
        assertThat(
                ledger
                    .jdbc()
                    .sql("SELECT COUNT(*) FROM transfer WHERE answered_at IS NOT NULL")
                    .query(Integer.class)
                    .single())
            .isEqualTo(TRANSFERS);
      }
      assertThat(names(cut)).containsExactly("ledger.mv.db");
      Folders.delete(cut);
    }
  }

  @Test
  void aNewLedgerThatIsCutOffAtAnyStatementIsMadeTheNextTime() throws Exception {
    List<Path> cuts = cuts(folder.resolve("new"), 31);
    assertThat(cuts).hasSizeGreaterThan(2);

    for (Path cut : cuts) {
      try (LedgerDatabase ledger = open(url(cut))) {
        ledger.probe();
      }
      assertThat(names(cut)).containsExactly("ledger.mv.db");
      Folders.delete(cut);
    }
  }

  @Test
  void nobodyElseOpensALedgerThatIsBroughtUpToDate() throws Exception {
    Path old = oldLedger();
    List<String> told = new CopyOnWriteArrayList<>();
    Listener.then =
        statement -> {
          if (told.isEmpty() && statement.startsWith("ALTER TABLE")) {
            told.add(whatAnotherProcessIsTold(url(old)));
          }
        };

    open(url(old) + Listener.SETTING).close();

    assertThat(told).containsExactly("in use");
  }

  @Test
  @Timeout(60)
  void aUrlThatHasH2KeepFilesOpenIsNotInTheWayOfANewLedgerOrOfAnOldOne() throws Exception {
    Path young = Files.createDirectories(folder.resolve("young"));
    for (Path one : List.of(young, oldLedger())) {
      open(url(one) + ";DB_CLOSE_DELAY=-1").close();

      try (LedgerDatabase ledger = open(url(one))) {
        assertThat(ledger.finds("SELECT 1 FROM transfer")).isEqualTo(one != young);
      }
    }
  }

  @Test
  @Timeout(60)
  void aLedgerThatThisProcessHasOpenIsNotTriedForEver() throws Exception {
    Path old = oldLedger();
    LedgerConnector connector = new LedgerConnector(url(old), "postgres", "", 2, false);

    try (LedgerPool open = connector.connect()) {
      new JdbcTemplate(open).execute("SELECT 1");
      assertThatThrownBy(() -> LedgerMigrations.migrated(connector))
          .hasMessageContainingAll("p2p.database.url: ", "something in this process has it open");
    }
  }

  @Test
  void aLedgerIsLeftAsItIsWhereThereIsNoRoomForACopy() throws Exception {
    Path old = oldLedger();
    byte[] before = Files.readAllBytes(old.resolve("ledger.mv.db"));
    LedgerConnector connector = new LedgerConnector(url(old), "postgres", "", 2, true);

    FileUpgrade upgrade = FileUpgrade.of(connector, any -> 1_048_576).orElseThrow();

    assertThatThrownBy(upgrade::make)
        .hasMessageContainingAll(
            "p2p.database.url: ", old.toString(), " has 1 MB left", "takes 32 MB", "make room");
    assertThat(old.resolve("ledger.mv.db")).hasBinaryContent(before);
    assertThat(names(old)).containsExactly("ledger.mv.db");
  }

  @Test
  void aLinkLeadsToTheNewFileWhichIsItsOwnersAlone() throws Exception {
    Path old = oldLedger();
    Path link = Files.createDirectories(folder.resolve("linked")).resolve("ledger.mv.db");
    Files.createSymbolicLink(link, old.resolve("ledger.mv.db"));

    open(url(link.getParent())).close();

    assertThat(link).isSymbolicLink();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(link)))
        .isEqualTo("rw-------");
    try (LedgerDatabase ledger = open(url(old))) {
      assertThat(ledger.finds("SELECT 1 FROM transfer")).isTrue();
    }
  }

  /** What a process that is killed at statements of an upgrade leaves, each in a folder. */
  private List<Path> cuts(Path ledger, int sample) {
    int every = ALL ? 1 : sample;
    List<Path> cuts = new ArrayList<>();
    List<String> statements = new ArrayList<>();
    Listener.then =
        statement -> {
          statements.add(statement);
          if (statements.size() % every == 0) {
            Path cut = folder.resolve("cut-" + statements.size());
            copy(ledger, cut);
            cuts.add(cut);
          }
        };
    open(url(ledger) + Listener.SETTING).close();
    Listener.then = statement -> {};
    return cuts;
  }

  private static void copy(Path from, Path to) {
    try {
      Files.createDirectories(to);
      for (String name : names(from)) {
        Files.copy(from.resolve(name), to.resolve(name));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  /** With transfers of 0.1.0. */
  private Path oldLedger() throws IOException {
    Path old = Files.createDirectories(folder.resolve("old"));
    LedgerConnector connector = new LedgerConnector(url(old), "postgres", "", 2, true);
    try (LedgerPool pool = connector.connect()) {
      LedgerMigrations.flyway(pool, true).target("11").load().migrate();
      JdbcTemplate jdbc = new JdbcTemplate(pool);
      IntStream.range(0, TRANSFERS)
          .mapToObj(String::valueOf)
          .forEach(
              id -> {
                jdbc.update(
                    """
                    INSERT INTO transfer (id, payer, state, source, record_number, request_sha256,
                      received_at, updated_at)
                    VALUES (?, 'bison', 'MATCHED', 'a file', 1, '', CURRENT_TIMESTAMP,
                      CURRENT_TIMESTAMP)""",
                    id);
                jdbc.update(
                    """
                    INSERT INTO transfer_event (transfer_id, number, at, actor, what)
                    VALUES (?, 1, CURRENT_TIMESTAMP, 'node', 'MATCHED')""",
                    id);
              });
    }
    return old;
  }

  private String whatAnotherProcessIsTold(String url) {
    try (JavaProcess other =
        JavaProcess.start(
            folder.resolve("other"), JavaProcess.brief(), Opening.class, List.of(url))) {
      return other.line();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String url(Path folder) {
    return "jdbc:h2:file:" + folder.resolve("ledger").toAbsolutePath();
  }

  private static LedgerDatabase open(String url) {
    return LedgerDatabase.open(url, "postgres", "", 2);
  }

  /** Told by H2 of each statement that has changed something, in the middle of which it waits. */
  public static final class Listener implements DatabaseEventListener {
    static final String SETTING =
        ";DATABASE_EVENT_LISTENER='%s'".formatted(Listener.class.getName());
    private static volatile Consumer<String> then = statement -> {};

    /** For H2. */
    public Listener() {}

    @Override
    public void setProgress(int state, String name, long done, long most) {
      String statement = name == null ? "" : name.strip().toUpperCase(Locale.ROOT);
      if (state == STATE_STATEMENT_END
          && Stream.of("CREATE", "ALTER", "DROP", "UPDATE", "INSERT")
              .anyMatch(statement::startsWith)) {
        then.accept(statement);
      }
    }
  }

  /** A process that opens the ledger, and says what it is told. */
  static final class Opening {
    private Opening() {}

    public static void main(String[] url) {
      try {
        open(url[0]).close();
        System.out.println("open");
      } catch (RuntimeException e) {
        System.out.println(Failures.isDatabaseInUse(e) ? "in use" : e.toString());
      }
    }
  }
}
