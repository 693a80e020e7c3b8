package org.payerexchange.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.store.LedgerDatabase;
import org.payerexchange.step.Hands;
import org.payerexchange.support.SettableClock;

/** What becomes of a file that something happens to while a reader has it in hand. */
class InboxReaderTest {
  private static final Duration QUIET = Duration.ofSeconds(2);

  @TempDir Path folder;
  private final DefaultCamelContext context = new DefaultCamelContext();
  private final SettableClock clock = new SettableClock(Instant.parse("2026-03-01T12:00:00Z"));
  private final Hands hands = new Hands(Duration.ofMinutes(10));
  private LedgerDatabase database;
  private InboxLocks locks;
  private Inbox inbox;
  private InboxReader reader;
  private Path root;

  @BeforeEach
  void open() throws IOException {
    database = LedgerDatabase.open("jdbc:h2:file:" + folder.resolve("ledger"), "sa", "", 4);
    locks = new InboxLocks(database, Duration.ofSeconds(20), context);
    locks.start();
    InboxFolders folders = new InboxFolders(folder.resolve("inbox").toString());
    inbox = new Inbox(folders, QUIET, Duration.ofSeconds(30), clock);
    reader = new InboxReader(inbox, locks, new DoneFiles(folders, QUIET, clock), hands);
    root = folders.inbox();
  }

  @AfterEach
  void close() {
    locks.shutdown();
    database.close();
  }

  @Test
  void aFileThatWasReadLeavesForDone() throws IOException {
    Files.writeString(root.resolve("x.csv"), "x");
    assertThat(read(rested().get(0), path -> {})).isEqualTo("x");
    assertThat(done()).hasSize(1);
    assertThat(rested()).isEmpty();
    assertThat(locks.add("x.csv")).isTrue();
  }

  @Test
  void aFileThatIsDeletedBeforeItIsOpenedOrWhileItIsReadIsForgotten() throws IOException {
    Path file = Files.writeString(root.resolve("x.csv"), "x");
    InboxFile found = rested().get(0);
    Files.delete(file);
    assertThat(read(found, path -> {})).isNull();

    Files.writeString(file, "x");
    assertThat(read(rested().get(0), Files::delete)).isEqualTo("x");

    assertThat(done()).isEmpty();
    assertThat(rested()).isEmpty();
  }

  @Test
  void howOftenAFileEndedAProcessIsKnownUntilItWasReadAlone() throws IOException {
    Files.writeString(root.resolve("x.csv"), "x");
    locks.ends().count("x.csv");
    locks.ends().count("x.csv");
    hands.takeBeside("a step");

    assertThat(read(rested().get(0), path -> {})).as("something else is in hand").isNull();
    assertThat(locks.ends().of("x.csv")).isEqualTo(2);

    hands.drop("a step");
    clock.forward(Duration.ofMinutes(1));
    assertThat(read(inbox.look().get(0), path -> {})).isEqualTo("x");
    assertThat(locks.ends().of("x.csv")).isZero();
  }

  @Test
  void aFileThatIsWrittenToWhileItIsReadIsReadOn() throws IOException {
    Files.writeString(root.resolve("x.csv"), "x");
    read(rested().get(0), path -> Files.writeString(path, "more"));
    assertThat(done()).isEmpty();
    assertThat(read(rested().get(0), path -> {})).isEqualTo("more");
    assertThat(done()).hasSize(1);
  }

  @Test
  void aFileThatIsRenamedWhileItIsReadIsReadUnderItsNewName() throws IOException {
    Files.writeString(root.resolve("x.csv"), "x");
    read(rested().get(0), path -> Files.move(path, root.resolve("y.csv")));
    assertThat(done()).isEmpty();
    assertThat(rested()).extracting(InboxFile::name).containsExactly("y.csv");
  }

  @Test
  void aFileThatBecomesALinkOrWhoseFolderDoesIsNotOpened() throws IOException {
    Path outside = Files.createDirectories(folder.resolve("outside"));
    Files.writeString(outside.resolve("x.csv"), "x");
    Path payer = Files.createDirectories(root.resolve("bison"));
    Files.writeString(payer.resolve("x.csv"), "x");
    InboxFile found = rested().get(0);
    Files.move(payer, folder.resolve("away"));
    Files.createSymbolicLink(payer, outside);
    assertThat(read(found, path -> {})).isNull();
    assertThat(outside.resolve("x.csv")).exists();
  }

  @Test
  void aFileThatAnotherNodeReadsIsLeftToItAndNotNamed() throws IOException {
    Files.writeString(root.resolve("x.csv"), "x");
    locks.add("x.csv");
    InboxFile found = rested().get(0);
    assertThat(read(found, path -> {})).isNull();
    clock.forward(Duration.ofMinutes(1));
    InboxFile again = inbox.look().get(0);
    assertThat(inbox.untaken()).isEmpty();
    locks.remove("x.csv");
    assertThat(read(again, path -> {})).isEqualTo("x");
  }

  private interface Meanwhile {
    void happens(Path path) throws IOException;
  }

  /** What was read, or null if the file was not to be read. */
  private String read(InboxFile file, Meanwhile meanwhile) throws IOException {
    Exchange exchange = new DefaultExchange(context);
    InboxReading reading = reader.hold(file, exchange);
    String text = null;
    try (InputStream content = reader.open(reading)) {
      if (content != null) {
        meanwhile.happens(file.path());
        text = new String(content.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        reader.putAway(reading);
      }
    }
    exchange
        .getExchangeExtension()
        .handoverCompletions()
        .forEach(completion -> completion.onComplete(exchange));
    return text;
  }

  private List<InboxFile> rested() {
    inbox.look();
    clock.forward(QUIET);
    return inbox.look();
  }

  private List<Path> done() throws IOException {
    try (Stream<Path> files = Files.list(root.resolve(".done"))) {
      return files.toList();
    }
  }
}
