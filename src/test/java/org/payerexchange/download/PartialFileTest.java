package org.payerexchange.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.files.FileHash;

class PartialFileTest {
  private static final String NAME = "Patient-1.ndjson";

  @TempDir Path folder;

  @Test
  void theNextLeaseGoesOnWithTheNewestParkedPartAndTheRestIsDeleted() throws Exception {
    left(1, "old", "10\n\"tag\"\n");
    left(2, "newer", "10\n\"tag\"\n" + FileHash.OF_NOTHING + "\n");
    left(3, "of a dead lease", null);
    Files.writeString(folder.resolve(".Patient-10.ndjson.1.part"), "another file's");

    PartialFile mine = PartialFile.takeOver(folder, NAME, 4);

    assertThat(mine.path()).hasContent("newer");
    assertThat(mine.parked())
        .contains(new PartialFile.Note("\"tag\"", 10, true, FileHash.OF_NOTHING, Duration.ZERO, 0));
    assertThat(names())
        .containsExactly(
            ".Patient-1.ndjson.4.part",
            ".Patient-1.ndjson.4.part.note",
            ".Patient-10.ndjson.1.part");
  }

  @Test
  void aNoteThatWasNotWrittenToItsEndIsNone() throws Exception {
    left(1, "part", "10\n\"ta");

    assertThat(PartialFile.takeOver(folder, NAME, 2).exists()).isFalse();
  }

  @Test
  void aLaterLeaseKeepsItsHandsOffANewerOne() throws Exception {
    left(5, "newer", "10\n\"tag\"\n");

    assertThat(PartialFile.takeOver(folder, NAME, 4).exists()).isFalse();
    assertThat(names()).contains(".Patient-1.ndjson.5.part");
  }

  @Test
  void aPartHasGrownOnceForAllThatHasComeSinceItLostALinkBefore() throws Exception {
    left(1, "some", "10\n\"tag\"\n" + FileHash.OF_NOTHING + "\n7\n");
    PartialFile part = PartialFile.takeOver(folder, NAME, 2);

    assertThat(part.hasGrown()).as("at its first loss").isFalse();
    assertThat(part.hasGrown()).isFalse();
    Files.writeString(part.path(), "less");
    assertThat(part.hasGrown()).isFalse();
    Files.writeString(part.path(), "some more");
    PartialFile next = PartialFile.takeOver(folder, NAME, 3);
    assertThat(next.hasGrown()).isTrue();
    assertThat(next.parked().orElseThrow())
        .isEqualTo(
            new PartialFile.Note(
                "\"tag\"", 10, true, FileHash.OF_NOTHING, Duration.ofMillis(7), 9));
  }

  private void left(long token, String content, String note) throws Exception {
    Path part = folder.resolve("." + NAME + "." + token + ".part");
    Files.writeString(part, content);
    if (note != null) {
      Files.writeString(part.resolveSibling(part.getFileName() + ".note"), note);
    }
  }

  private Stream<String> names() throws Exception {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList().stream();
    }
  }
}
