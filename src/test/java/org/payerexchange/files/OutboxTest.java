package org.payerexchange.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.JobKind;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.step.KeptLease;
import org.payerexchange.step.Lease;
import org.payerexchange.step.TransferException;

class OutboxTest {
  private static final String TRANSFER = "0a1b2c3d-0000-7000-8000-000000000000";
  private static final String OTHER = "0b1b2c3d-0000-7000-8000-000000000000";
  private static final String NAME = "Patient-1.ndjson";

  @TempDir Path folder;
  private Outbox outbox;

  @BeforeEach
  void open() {
    outbox = new Outbox(folder.toString(), new AtomicFiles(true));
  }

  @Test
  void anOutputFileThatIsNoneOfTheTransfersAnyMoreGoes() throws Exception {
    Path transfer =
        transfer(
            "Patient-1.ndjson", "Patient-2.ndjson", "undeliverable.ndjson", "manifest.json", ".x");

    outbox.keepOnly(
        "bison",
        TRANSFER,
        Set.of("Patient-1.ndjson"),
        new KeptLease(() -> true, () -> true, Duration.ZERO));
    outbox.keepOnly("bison", "t-2", Set.of(), new KeptLease(() -> true, () -> true, Duration.ZERO));

    assertThat(names(transfer))
        .containsExactlyInAnyOrder(
            "Patient-1.ndjson", "undeliverable.ndjson", "manifest.json", ".x");
  }

  @Test
  void aFileTakesItsPlaceWholeOverOneThatNobodyKnows() throws Exception {
    Path file = outbox.file("bison", TRANSFER, NAME);
    transfer(NAME);
    Path part = part("content");

    String stamp = outbox.publish(part, file, new KeptLease(() -> true, () -> true, Duration.ZERO));

    assertThat(file).hasContent("content");
    assertThat(permissions(file)).isEqualTo("rw-------");
    assertThat(part).doesNotExist();
    assertThat(stamp).isEqualTo(FileStamp.of(file));
  }

  @Test
  void filesOfOneFolderTakeTheirPlacesTogether() throws Exception {
    Path transfer = transfer(NAME);
    Path work = outbox.incoming().create(OTHER);
    Path patient = Files.writeString(work.resolve("Patient"), "patient");
    Path coverage = Files.writeString(work.resolve("Coverage"), "coverage");
    assertThat(outbox.publish(transfer, Map.of(NAME, patient), () -> false)).isFalse();
    assertThat(transfer.resolve(NAME)).hasContent("x");

    assertThat(
            outbox.publish(
                transfer, Map.of(NAME, patient, "Coverage-2.ndjson", coverage), () -> true))
        .isTrue();

    assertThat(transfer.resolve(NAME)).hasContent("patient");
    assertThat(transfer.resolve("Coverage-2.ndjson")).hasContent("coverage");
    assertThat(work).isEmptyDirectory();
  }

  @Test
  void whatBelongsToSeveralMembersIsNoPayersAndForItsOwnerOnly() throws Exception {
    Path place = outbox.file(claim(true));
    assertThat(place).isEqualTo(folder.resolve(".shared").resolve(TRANSFER).resolve(NAME));
    assertThat(outbox.file(claim(false))).isEqualTo(outbox.file("bison", TRANSFER, NAME));
    Path part = outbox.receive(TRANSFER, place).resolve(".part");
    PrivateFiles.create(part).close();

    outbox.publish(part, place, new KeptLease(() -> true, () -> true, Duration.ZERO));

    assertThat(place).isRegularFile();
    assertThat(permissions(place)).isEqualTo("rw-------");
    assertThat(permissions(place.getParent())).isEqualTo("rwx------");
    assertThat(permissions(folder.resolve(".shared"))).isEqualTo("rwx------");
    assertThat(outbox.payers()).isEmpty();
    assertThat(outbox.shared().transfers()).containsExactly(TRANSFER);
  }

  @Test
  void aFailureIsToldWithItsFolderAndItsKindAndNoNameOfAFile() {
    Path file = outbox.file("bison", TRANSFER, "Jane Doe.txt");

    assertThat(outbox.unusable(new AccessDeniedException(file.toString())))
        .hasMessage(
            "the outbox directory cannot be used: bison/%s, AccessDeniedException", TRANSFER);
    assertThat(
            outbox.unusable(
                new FileSystemException(folder.toString(), null, "No space left on device")))
        .hasMessage(
            "the outbox directory cannot be used: FileSystemException (No space left on device)");
    assertThat(outbox.unusable(new IOException("Jane Doe")))
        .hasMessage("the outbox directory cannot be used: IOException");
    assertThat(outbox.unusable(new NoSuchFileException("/work/t/Jane")))
        .hasMessage("the work directory cannot be used: NoSuchFileException");
  }

  private static OutputFileClaim claim(boolean shared) {
    return new OutputFileClaim(
        1,
        1,
        JobKind.EXPORT,
        TRANSFER,
        "bison",
        new Lease(1, 1, 0, null, null),
        FileKind.OUTPUT,
        "Patient",
        1,
        shared,
        "http://localhost/1",
        false,
        null,
        null,
        null,
        null,
        null);
  }

  private static String permissions(Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void whoHasLostTheLeaseReplacesNothing() throws Exception {
    Path file = transfer(NAME).resolve(NAME);
    Path part = part("too late");
    KeptLease lost = new KeptLease(() -> false, () -> true, Duration.ZERO);

    assertThatThrownBy(() -> outbox.publish(part, file, lost))
        .isInstanceOf(TransferException.class);
    assertThatThrownBy(() -> outbox.write(file, new byte[0], 1, lost))
        .isInstanceOf(TransferException.class);
    assertThatThrownBy(() -> outbox.keepOnly("bison", TRANSFER, Set.of(), lost))
        .isInstanceOf(TransferException.class);

    assertThat(file).hasContent("x");
  }

  @Test
  void aFileIsHeldOnlyWithItsSizeAndContent() throws Exception {
    Path file = transfer(NAME).resolve(NAME);
    Files.writeString(file, "content");
    String sha256 = FileHash.sha256(file);

    assertThat(outbox.holds(file, 7, sha256, null)).isTrue();
    assertThat(outbox.holds(file, 8, sha256, null)).isFalse();

    Files.writeString(file, "another");
    assertThat(outbox.holds(file, 7, sha256, null)).isFalse();

    Files.delete(file);
    assertThat(outbox.holds(file, 7, sha256, null)).isFalse();
    Files.createDirectory(file);
    assertThat(outbox.holds(file, Files.size(file), sha256, null)).isFalse();
  }

  @Test
  void aFileThatNobodyHasChangedIsNotReadAgain() throws Exception {
    Path file = transfer(NAME).resolve(NAME);
    String stamp = FileStamp.of(file);
    String other = FileHash.OF_NOTHING;

    assertThat(outbox.holds(file, 1, other, stamp)).isTrue();

    Files.setLastModifiedTime(file, Files.getLastModifiedTime(file));
    assertThat(outbox.holds(file, 1, other, stamp)).as("touched").isFalse();
  }

  @Test
  void aLinkIsNoFileOfOurs() throws Exception {
    Path file = transfer().resolve(NAME);
    Path elsewhere = Files.writeString(folder.resolve(NAME), "content");
    String sha256 = FileHash.sha256(elsewhere);
    Files.createSymbolicLink(file, elsewhere);

    assertThat(outbox.holds(file, 7, sha256, FileStamp.of(elsewhere))).isFalse();

    outbox.publish(part("content"), file, new KeptLease(() -> true, () -> true, Duration.ZERO));
    assertThat(file).isRegularFile().hasContent("content");
    assertThat(Files.isSymbolicLink(file)).isFalse();
    assertThat(elsewhere).hasContent("content");
  }

  @Test
  void nothingIsPutIntoAFolderThatIsALinkToAnother() throws Exception {
    Path part = part("ours");
    Path file = outbox.file("bison", TRANSFER, NAME);
    Path other = folderOf(OTHER, NAME);
    Files.delete(file.getParent());
    Files.createSymbolicLink(file.getParent(), other);

    assertThatThrownBy(() -> outbox.receive(TRANSFER, outbox.file("bison", TRANSFER, NAME)))
        .hasMessageContaining("link");
    assertThatThrownBy(
            () -> outbox.publish(part, file, new KeptLease(() -> true, () -> true, Duration.ZERO)))
        .hasMessageContaining("link");
    assertThatThrownBy(
            () ->
                outbox.write(
                    file, new byte[0], 1, new KeptLease(() -> true, () -> true, Duration.ZERO)))
        .hasMessageContaining("link");
    assertThat(outbox.holds(file, 1, FileHash.sha256(file), FileStamp.of(file))).isFalse();
    assertThat(other.resolve(NAME)).hasContent("x");
  }

  @Test
  void nothingIsReceivedThatCouldNotTakeItsPlace() throws Exception {
    Files.createDirectory(transfer().resolve(NAME));

    assertThatThrownBy(() -> outbox.receive(TRANSFER, outbox.file("bison", TRANSFER, NAME)))
        .isInstanceOf(TransferException.class)
        .hasMessage("a folder lies in the outbox where Patient-1.ndjson belongs");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void nothingIsReceivedOnAnotherDisk() throws Exception {
    Files.createSymbolicLink(folder.resolve(".incoming"), Path.of("/proc"));

    assertThatThrownBy(() -> outbox.receive(TRANSFER, outbox.file("bison", TRANSFER, NAME)))
        .isInstanceOf(TransferException.class)
        .hasMessage(".incoming and the folder bison of the outbox are on two file systems");
  }

  @Test
  void dataGoesAndTheManifestStays() throws Exception {
    Path transfer =
        transfer("Patient-1.ndjson", "undeliverable.ndjson", "manifest.json", "theirs.txt");

    outbox.deleteData(transfer, Instant.now().plusSeconds(60));

    assertThat(names(transfer)).containsExactlyInAnyOrder("manifest.json", "theirs.txt");
  }

  @Test
  void dataStaysWhereTheManifestIsYoungerByNow() throws Exception {
    Path transfer = transfer(NAME, "manifest.json");

    outbox.deleteData(transfer, Instant.now().minusSeconds(60));

    assertThat(names(transfer)).containsExactlyInAnyOrder(NAME, "manifest.json");
  }

  @Test
  void onlyTransfersWithAnOldManifestAreFound() throws Exception {
    Path manifest = transfer("manifest.json").resolve("manifest.json");
    outbox.incoming().create(TRANSFER);
    folderOf(OTHER);
    Files.writeString(folder.resolve("bison").resolve("notes.txt"), "x");
    Files.writeString(folder.resolve("bison").resolve(TRANSFER.replace("0a", "0c")), "a file");
    Files.createSymbolicLink(
        folder.resolve("bison").resolve(TRANSFER.replace("0a", "0d")), manifest.getParent());
    Instant written = Files.getLastModifiedTime(manifest).toInstant();

    assertThat(outbox.payers()).containsExactly(folder.resolve("bison"));
    assertThat(withManifestBefore(written)).isEmpty();
    assertThat(withManifestBefore(written.plusSeconds(1))).containsExactly(manifest.getParent());
  }

  private List<Path> withManifestBefore(Instant time) throws Exception {
    List<Path> found = new ArrayList<>();
    outbox.eachWithManifestBefore(time, folder.resolve("bison"), found::add);
    return found;
  }

  private Path transfer(String... names) throws Exception {
    return folderOf(TRANSFER, names);
  }

  private Path folderOf(String id, String... names) throws Exception {
    Path transfer = Files.createDirectories(folder.resolve("bison").resolve(id));
    for (String name : names) {
      Files.writeString(transfer.resolve(name), "x");
    }
    return transfer;
  }

  private Path part(String content) throws Exception {
    Path part = outbox.receive(TRANSFER, outbox.file("bison", TRANSFER, NAME)).resolve(".part");
    PrivateFiles.create(part).close();
    return Files.writeString(part, content);
  }

  private static List<String> names(Path folder) throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
