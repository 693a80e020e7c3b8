package org.payerexchange.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
  @TempDir Path folder;
  private final List<String> forced = new ArrayList<>();
  private AtomicFiles files;
  private Path file;

  @BeforeEach
  void open() {
    files = new AtomicFiles(this::force, true);
    file = folder.resolve("manifest.json");
  }

  private void force(Path path) {
    forced.add(folder.relativize(path) + (Files.exists(file) ? " with the file" : ""));
  }

  @Test
  void aNewFolderIsForcedIntoAllThatWereMadeForItAndIntoTheOneThatWasThere() throws Exception {
    files.createFolders(folder.resolve("bison/t-1"));
    assertThat(forced).containsExactly("", "bison");

    forced.clear();
    files.createFolders(folder.resolve("bison/t-2"));
    assertThat(forced).containsExactly("bison");

    forced.clear();
    files.createFolders(folder.resolve("bison/t-2"));
    assertThat(forced).isEmpty();
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("bison"))))
        .isEqualTo("rwx------");
  }

  @Test
  void aTransfersFolderOutlivesAPowerCutBeforeAFileOfItCounts() throws Exception {
    Path part =
        new Outbox(folder.toString(), files)
            .receive("t-1", folder.resolve("bison/t-1/Patient-1.ndjson"))
            .resolve(".part");

    assertThat(forced).contains("", "bison");
    assertThat(part.getParent()).isDirectory();
  }

  @Test
  void aFileIsForcedBeforeItTakesItsPlaceAndItsFolderBehind() throws Exception {
    files.write(file, content("whole"));

    assertThat(forced).containsExactly(".manifest.json.part", " with the file");
    assertThat(file).hasContent("whole");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void whatIsNotWrittenToItsEndLeavesWhatWasThere() throws Exception {
    files.write(file, content("old"));

    assertThatThrownBy(
            () ->
                files.write(
                    file,
                    to -> {
                      content("ne").writeTo(to);
                      throw new IOException("full");
                    }))
        .hasMessage("full");

    assertThat(file).hasContent("old");
    assertThat(names()).containsExactly("manifest.json");
  }

  @Test
  void whatAKilledProcessLeftUnfinishedGoesWithTheNextWriting() throws Exception {
    Files.writeString(folder.resolve(".manifest.json.part"), "hal");
    files.write(file, content("whole"));
    assertThat(names()).containsExactly("manifest.json");

    Files.writeString(folder.resolve(".manifest.json.1.part"), "half of a longer one");
    Files.writeString(folder.resolve(".manifest.json.2.part"), "hal");
    Files.writeString(folder.resolve(".manifest.json2.1.part"), "of another file");
    files.write(file, 3, content("by a later lease"), () -> {});
    assertThat(names()).containsExactly(".manifest.json2.1.part", "manifest.json");
    assertThat(file).hasContent("by a later lease");
  }

  private static AtomicFiles.Content content(String text) {
    return AtomicFiles.Content.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }
}
