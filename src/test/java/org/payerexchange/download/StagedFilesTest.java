package org.payerexchange.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.files.FileHash;

class StagedFilesTest {
  private static final String NAME = "Patient-1.ndjson";

  @TempDir Path work;

  private StagedFiles staged;

  @BeforeEach
  void open() {
    staged = new StagedFiles(work.toString(), true);
  }

  @Test
  void theNextLeaseGoesOnWithTheNewestParkedPartAndTheRestIsDeleted() throws Exception {
    left(1, "old", "10\n\"tag\"\n");
    left(2, "newer", "10\n\"tag\"\n" + FileHash.OF_NOTHING + "\n");
    left(3, "of a dead lease", null);
    Files.writeString(work.resolve("t/.Patient-10.ndjson.1.part"), "another file's");

    PartialFile mine = staged.partial("t", NAME, 4);

    assertThat(mine.path()).hasContent("newer");
    assertThat(mine.parked())
        .contains(new PartialFile.Note("\"tag\"", 10, true, FileHash.OF_NOTHING, Duration.ZERO));
    assertThat(names())
        .containsExactly(
            ".Patient-1.ndjson.4.part",
            ".Patient-1.ndjson.4.part.note",
            ".Patient-10.ndjson.1.part");
  }

  @Test
  void aNoteThatWasNotWrittenToItsEndIsNone() throws Exception {
    left(1, "part", "10\n\"ta");

    assertThat(staged.partial("t", NAME, 2).exists()).isFalse();
  }

  @Test
  void aLaterLeaseKeepsItsHandsOffANewerOne() throws Exception {
    left(5, "newer", "10\n\"tag\"\n");

    assertThat(staged.partial("t", NAME, 4).exists()).isFalse();
    assertThat(names()).contains(".Patient-1.ndjson.5.part");
  }

  @Test
  void aFileIsHeldOnlyWithItsSizeAndContent() throws Exception {
    Path file = staged.file("t", NAME);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "content");
    String sha256 = FileHash.sha256(file);

    assertThat(staged.holds("t", NAME, 7, sha256)).isTrue();
    assertThat(staged.holds("t", NAME, 8, sha256)).isFalse();

    Files.writeString(file, "another");
    assertThat(staged.holds("t", NAME, 7, sha256)).isFalse();

    Files.delete(file);
    assertThat(staged.holds("t", NAME, 7, sha256)).isFalse();
  }

  @Test
  void aFileThatIsGoneIsForgottenAndIsNoError() throws Exception {
    Path file = staged.file("t", NAME);

    staged.remember(file);

    assertThat(staged.holds("t", NAME, 0, FileHash.OF_NOTHING)).isFalse();
  }

  @Test
  void foldersAreForTheirOwnerOnly() throws Exception {
    staged.partial("t", NAME, 1);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(work.resolve("t"))))
        .isEqualTo("rwx------");
  }

  @Test
  void nothingOfATransferIsLeftOnceItIsOver() throws Exception {
    left(1, "part", null);

    staged.deleteAll("t");

    assertThat(work.resolve("t")).doesNotExist();
  }

  private void left(long token, String content, String note) throws Exception {
    Files.createDirectories(work.resolve("t"));
    Path part = work.resolve("t/." + NAME + "." + token + ".part");
    Files.writeString(part, content);
    if (note != null) {
      Files.writeString(part.resolveSibling(part.getFileName() + ".note"), note);
    }
  }

  private List<String> names() throws Exception {
    try (Stream<Path> entries = Files.list(work.resolve("t"))) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }
}
