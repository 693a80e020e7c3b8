package org.payerexchange.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransferFoldersTest {
  @TempDir Path work;

  @Test
  void foldersAreForTheirOwnerOnly() throws Exception {
    Path folder = new TransferFolders(work.toString(), new AtomicFiles(true)).create("t");

    assertThat(folder).isEqualTo(work.resolve("t"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
        .isEqualTo("rwx------");
  }

  @Test
  void nothingOfATransferIsLeftOnceItIsOver() throws Exception {
    TransferFolders folders = new TransferFolders(work.toString(), new AtomicFiles(true));
    Path others = Files.createDirectories(work.resolve("others").resolve("below"));
    Path folder = folders.create("t");
    Files.writeString(folder.resolve(".Patient-1.ndjson.left"), "{}");
    Path below = Files.createDirectories(folder.resolve("split-1-7").resolve("member"));
    Files.writeString(below.resolve("Patient.ndjson"), "{}");
    Files.createSymbolicLink(folder.resolve("link"), others.getParent());

    folders.deleteAll("t");
    folders.deleteAll("none");

    assertThat(folder).doesNotExist();
    assertThat(others).isDirectory();
  }
}
