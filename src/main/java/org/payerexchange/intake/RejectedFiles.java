package org.payerexchange.intake;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.apache.camel.Body;
import org.apache.camel.Variable;

/**
 * Rejected records of files, side by side with an OperationOutcome that says why: {@code
 * .rejected/<file>-<n>.json} and {@code .rejected/<file>-<n>-outcome.json}. Files are 0600. Where a
 * record is not kept whole, because it is the file itself or too long, the whole file is kept;
 * once, the others of that file are cut.
 */
public final class RejectedFiles {
  private final Path folder;

  /** Keeps them in the inbox's folder for them. */
  public RejectedFiles(InboxFolders folders) {
    this.folder = folders.rejected();
  }

  /**
   * Writes both files. Writing the same rejection again changes nothing; another one of the same
   * name and number, be it of an equal record in another folder, gets a name of its own.
   */
  public void keep(@Body Rejection rejection, @Variable("reading") InboxReading reading)
      throws IOException {
    // 0600 from the beginning
    Path original = Files.createTempFile(folder, ".", ".tmp");
    Path outcome = Files.createTempFile(folder, ".", ".tmp");
    try {
      write(rejection.original(), reading, original);
      Files.write(
          outcome, JsonObjects.writePretty(rejection.outcome()).getBytes(StandardCharsets.UTF_8));
      String file = Path.of(rejection.source().name()).getFileName().toString();
      String stem = InboxNames.shortened(file) + "-" + rejection.number();
      String name = stem;
      for (int again = 2; !keep(original, outcome, name, rejection.form()); again++) {
        name = stem + "-" + again;
      }
    } finally {
      Files.deleteIfExists(original);
      Files.deleteIfExists(outcome);
    }
  }

  /** Whether both files are kept under this name, now or already. */
  private boolean keep(Path original, Path outcome, String name, RecordForm form)
      throws IOException {
    Path keptOriginal = folder.resolve(name + "." + form.extension());
    Path keptOutcome = folder.resolve(name + "-outcome.json");
    if (isSame(keptOriginal, original) && isSame(keptOutcome, outcome)) {
      return true;
    }
    if (!take(keptOutcome)) {
      return false;
    }
    if (!take(keptOriginal)) {
      Files.delete(keptOutcome);
      return false;
    }
    Files.move(original, keptOriginal, ATOMIC_MOVE);
    Files.move(outcome, keptOutcome, ATOMIC_MOVE);
    return true;
  }

  private static void write(OriginalRecord original, InboxReading reading, Path target)
      throws IOException {
    if (original.isBeginning() && reading.isWholeWanted()) {
      try (InputStream whole = Files.newInputStream(reading.file().path(), NOFOLLOW_LINKS);
          OutputStream copy = Files.newOutputStream(target)) {
        whole.transferTo(copy);
        return;
      } catch (NoSuchFileException gone) {
        // its beginning is all that is left of it
      }
    }
    Files.write(target, original.bytes());
  }

  private static boolean isSame(Path kept, Path file) throws IOException {
    try {
      return Files.mismatch(kept, file) < 0;
    } catch (NoSuchFileException none) {
      return false;
    }
  }

  /** Takes a name before another reader or node does. */
  private static boolean take(Path file) throws IOException {
    try {
      Files.createFile(file);
      return true;
    } catch (FileAlreadyExistsException taken) {
      return false;
    }
  }
}
