package org.payerexchange.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.support.SettableClock;

/** How long files stay that were read, and records that were rejected. */
class InboxRetentionTest {
  private static final Instant READ = Instant.parse("2026-11-01T08:00:00Z");
  private static final Optional<Duration> A_MONTH = Optional.of(Duration.ofDays(30));

  @TempDir Path inbox;

  private final SettableClock clock = new SettableClock(READ);
  private InboxFolders folders;

  @BeforeEach
  void make() throws Exception {
    folders = new InboxFolders(inbox.toString());
  }

  @Test
  void aFileThatWasReadStaysForItsTimeHoweverOldItIsAndWhatWaitsStaysForGood() throws Exception {
    InboxNames names = new InboxNames(clock);
    for (String file : List.of("bison/members.csv", "no extension", "a-20200101T000000000.json")) {
      done(names.done(file, 1));
      done(names.done(file, 2));
    }
    Path waits = Files.writeString(inbox.resolve("x-20200101T000000000.csv"), "waits");
    InboxRetention retention = new InboxRetention(folders, A_MONTH, A_MONTH, clock);

    clock.forward(Duration.ofDays(30));
    retention.clear();
    assertThat(files(folders.done())).hasSize(6);

    clock.forward(Duration.ofMillis(1));
    retention.clear();
    assertThat(files(folders.done())).isEmpty();
    assertThat(waits).exists();
  }

  @Test
  void whatSomebodyElseHasPutThereAndWhatALinkLeadsToStays(@TempDir Path elsewhere)
      throws Exception {
    for (String name : List.of("notes.txt", "x-20269999T999999999.csv", "x-2020.csv")) {
      done(name);
    }
    Path outside = Files.writeString(elsewhere.resolve("y-20200101T000000000.csv"), "outside");
    Files.createSymbolicLink(folders.done().resolve("linked"), elsewhere);
    clock.forward(Duration.ofDays(900));

    new InboxRetention(folders, A_MONTH, A_MONTH, clock).clear();

    assertThat(files(folders.done())).hasSize(3);
    assertThat(outside).exists();
  }

  @Test
  void aRejectedRecordStaysForItsOwnTime() throws Exception {
    for (String name : List.of("members.csv-3.csv", "members.csv-3-outcome.json")) {
      Path file = Files.writeString(folders.rejected().resolve(name), "rejected");
      Files.setLastModifiedTime(file, FileTime.from(READ));
    }
    Path done = done(new InboxNames(clock).done("members.csv", 1));
    clock.forward(Duration.ofDays(8));

    new InboxRetention(folders, A_MONTH, Optional.of(Duration.ofDays(7)), clock).clear();

    assertThat(files(folders.rejected())).isEmpty();
    assertThat(done).exists();
  }

  @Test
  void aFileThatCannotBeDeletedOrIsGoneKeepsNoneOfTheOthers() throws Exception {
    InboxNames names = new InboxNames(clock);
    for (String name : List.of("a", "b-stuck", "c-gone", "d", "e-stuck", "f")) {
      done(names.done(name + ".csv", 1));
    }
    clock.forward(Duration.ofDays(31));

    new InboxRetention(
            folders,
            A_MONTH,
            A_MONTH,
            clock,
            file -> {
              if (file.toString().contains("stuck")) {
                throw new AccessDeniedException(file.toString());
              }
              Files.delete(file);
              if (file.toString().contains("gone")) {
                throw new NoSuchFileException(file.toString());
              }
            })
        .clear();

    assertThat(files(folders.done()))
        .hasSize(2)
        .allMatch(file -> file.toString().contains("stuck"));
  }

  @Test
  void withoutATimeAllIsKept() throws Exception {
    done(new InboxNames(clock).done("members.csv", 1));
    clock.forward(Duration.ofDays(9_000));

    new InboxRetention(folders, Optional.empty(), Optional.empty(), clock).clear();

    assertThat(files(folders.done())).hasSize(1);
  }

  private Path done(String name) throws Exception {
    Path file = folders.done().resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "records");
    return Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
  }

  private static List<Path> files(Path folder) throws Exception {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}
