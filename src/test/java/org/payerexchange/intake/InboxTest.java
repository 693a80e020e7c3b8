package org.payerexchange.intake;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.APPEND;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.support.SettableClock;

class InboxTest {
  private static final Duration QUIET = Duration.ofSeconds(2);
  private static final Duration NOTICE = Duration.ofSeconds(30);

  @TempDir Path folder;
  private final SettableClock clock = new SettableClock(Instant.parse("2026-03-01T12:00:00Z"));
  private Inbox inbox;
  private DoneFiles done;
  private Path root;

  @BeforeEach
  void open() throws IOException {
    InboxFolders folders = new InboxFolders(folder.resolve("inbox").toString());
    inbox = new Inbox(folders, QUIET, NOTICE, clock);
    done = new DoneFiles(folders, NOTICE, clock);
    root = folders.inbox();
  }

  @Test
  void aFileIsAtRestOnceSizeAndTimeStayedTheSameOverTheQuietTime() throws IOException {
    Path file = drop("bison/members.csv");
    assertThat(inbox.look()).isEmpty();
    forward(QUIET.minusMillis(1));
    assertThat(inbox.look()).isEmpty();
    Files.writeString(file, "more", APPEND);
    forward(QUIET);
    assertThat(inbox.look()).isEmpty();
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2001-01-01T00:00:00Z")));
    forward(QUIET);
    assertThat(inbox.look()).isEmpty();
    forward(QUIET);

    InboxFile found = inbox.look().get(0);

    assertThat(found.name()).isEqualTo("bison/members.csv");
    assertThat(found.payer()).isEqualTo("bison");
    assertThat(found.endIsJudged()).isFalse();
    forward(QUIET);
    assertThat(inbox.look()).isEmpty();
  }

  @Test
  void aFileThatIsReplacedByAnotherOfTheSameSizeAndTimeRestsAnew() throws IOException {
    Path file = drop("x.csv");
    FileTime time = Files.getLastModifiedTime(file);
    InboxFile found = rested().get(0);
    Path other = drop("y.part");
    Files.setLastModifiedTime(other, time);
    Files.move(other, file, REPLACE_EXISTING);

    assertThat(done.put(found)).isFalse();
    inbox.changed(found);

    assertThat(inbox.look()).isEmpty();
    assertThat(rested()).extracting(InboxFile::name).containsExactly("x.csv");
  }

  @Test
  void aModificationTimeInTheFutureIsNoReasonToWait() throws IOException {
    Files.setLastModifiedTime(drop("x.csv"), FileTime.from(Instant.now().plus(Duration.ofDays(1))));
    assertThat(rested()).hasSize(1);
  }

  @Test
  void aFileWhoseEndIsMissingIsJudgedOnceItWasAtRestForMuchLonger() throws IOException {
    Path file = drop("x.csv");
    inbox.endIsMissing(rested().get(0));
    forward(QUIET.multipliedBy(4));
    assertThat(inbox.look()).isEmpty();
    forward(QUIET);
    InboxFile again = inbox.look().get(0);
    assertThat(again.endIsJudged()).isTrue();
    inbox.endIsMissing(again);
    Files.writeString(file, "the rest", APPEND);
    assertThat(inbox.look()).isEmpty();
    assertThat(rested().get(0).endIsJudged()).isFalse();
  }

  @Test
  void whatIsNoPlainFileOfTheTreeIsNamedAndNeverOpened() throws Exception {
    Path outside = Files.createDirectories(folder.resolve("outside"));
    Files.writeString(outside.resolve("x.csv"), "x");
    Files.createSymbolicLink(root.resolve("folder"), outside);
    Files.createSymbolicLink(root.resolve("link.csv"), outside.resolve("x.csv"));
    Files.createDirectories(root.resolve("bison/deep/deeper"));
    drop("bison/deep/x.csv");
    drop(".hidden/x.csv");
    drop("x.csv.part");
    drop("y.csv.writing");
    run("mkfifo", root.resolve("bison/pipe.csv").toString());

    assertThat(rested()).isEmpty();
    assertThat(inbox.untaken()).isEmpty();
    forward(NOTICE);
    inbox.look();

    assertThat(inbox.untaken())
        .containsExactly(
            ".hidden is hidden: its name begins with a dot",
            "bison/deep is a folder within a payer's folder",
            "bison/pipe.csv is not a regular file",
            "folder is a link",
            "link.csv is a link",
            "x.csv.part has the name of a file that is still being written",
            "y.csv.writing has the name of a file that is still being written");
    Files.delete(root.resolve("link.csv"));
    inbox.look();
    assertThat(inbox.untaken()).hasSize(6).noneMatch(text -> text.contains("link.csv"));
  }

  @Test
  void aFileThatGrowsForEverOrCannotBeReadIsNamed() throws IOException {
    Path growing = drop("growing.csv");
    drop("unreadable.csv");
    for (int second = 0; second < NOTICE.toSeconds(); second++) {
      Files.writeString(growing, "more\n", APPEND);
      inbox.look().forEach(file -> inbox.failed(file, "may not be read: permission denied"));
      forward(Duration.ofSeconds(1));
    }
    inbox.look();

    assertThat(inbox.untaken())
        .containsExactly(
            "growing.csv changed less than the quiet time ago",
            "unreadable.csv may not be read: permission denied");
  }

  @Test
  void aFileThatCannotBeReadIsTriedAgainAfterPausesThatGrow() throws IOException {
    drop("x.csv");
    rested();
    int tries = 0;
    forward(QUIET);
    for (int second = 0; second < 600; second++) {
      for (InboxFile file : inbox.look()) {
        inbox.begun(file);
        inbox.failed(file, "could not be read");
        tries++;
      }
      forward(Duration.ofSeconds(1));
    }
    assertThat(tries).isLessThan(20);
  }

  @Test
  void namesOfAnyBytesAreTakenAndPrintable() throws Exception {
    run("sh", "-c", "printf x > \"$1/$(printf 'caf\\351.csv')\"", "sh", root.toString());
    drop("line\nend.csv");
    drop("back\\slash.csv");

    List<InboxFile> found = rested();

    assertThat(found)
        .extracting(InboxFile::name)
        .allMatch(name -> name.chars().noneMatch(Character::isISOControl))
        .contains("line\\u000Aend.csv", "back\\slash.csv")
        .anyMatch(name -> name.startsWith("caf\\uFFFD"));
    for (InboxFile file : found) {
      assertThat(done.put(file)).isTrue();
    }
    assertThat(plain(root)).isEmpty();
    assertThat(plain(root.resolve(".done"))).hasSize(3);
  }

  @Test
  void whatIsWrittenToAfterItWasPutAwayComesBack() throws IOException {
    Path file = drop("bison/x.csv");
    try (var writer = Files.newBufferedWriter(file)) {
      InboxFile found = rested().get(0);
      assertThat(done.put(found)).isTrue();
      inbox.left(found);
      done.bringBack();
      assertThat(file).doesNotExist();
      writer.write("the rest");
    }
    done.bringBack();

    assertThat(file).hasContent("the rest");
    assertThat(plain(root.resolve(".done/bison"))).isEmpty();
  }

  @Test
  void aNameThatIsTakenInDoneIsNotTakenAgain() throws IOException {
    for (int i = 1; i <= 3; i++) {
      Path file = drop("x.csv");
      Files.writeString(file, "content " + i);
      InboxFile found = rested().get(0);
      clock.forward(QUIET.multipliedBy(-2));
      assertThat(done.put(found)).isTrue();
      inbox.left(found);
    }
    assertThat(plain(root.resolve(".done"))).hasSize(3);
  }

  @Test
  void ofAHugeCountOfFilesNoMoreAreTakenIntoHandThanReadersComeToSoon() throws IOException {
    for (int i = 0; i < 1200; i++) {
      Files.writeString(root.resolve("x-" + i + ".csv"), "x");
    }
    List<InboxFile> found = rested();
    assertThat(found).hasSize(1000);
    found.forEach(inbox::left);
    for (InboxFile file : found) {
      Files.delete(file.path());
    }
    assertThat(inbox.look()).hasSize(200);
  }

  private List<InboxFile> rested() {
    inbox.look();
    forward(QUIET);
    return inbox.look();
  }

  private void forward(Duration time) {
    clock.forward(time);
  }

  private Path drop(String name) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, "x");
  }

  private static List<String> plain(Path root) throws IOException {
    try (Stream<Path> files = Files.list(root)) {
      return files.filter(Files::isRegularFile).map(Path::toString).toList();
    }
  }

  private static void run(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }
}
