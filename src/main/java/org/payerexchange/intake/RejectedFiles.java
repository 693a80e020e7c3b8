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
   * name and number gets a name of its own.
   */
  public void keep(@Body Rejection rejection, @Variable("reading") InboxReading reading)
      throws IOException {
    String file = Path.of(rejection.source().name()).getFileName().toString();
    String stem = InboxNames.shortened(file) + "-" + rejection.number();
    // 0600 from the beginning
    Path original = Files.createTempFile(folder, ".", ".tmp");
    try {
      write(rejection.original(), reading, original);
      String extension = "." + rejection.form().extension();
      String name = stem;
      for (int again = 2; !take(name + extension, original); again++) {
        name = stem + "-" + again;
      }
      Files.move(original, folder.resolve(name + extension), ATOMIC_MOVE);
      writeOutcome(name + "-outcome.json", rejection);
    } finally {
      Files.deleteIfExists(original);
    }
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

  /**
   * Takes a name for the original, before another reader or node does; the same original has its
   * name already.
   */
  private boolean take(String name, Path original) throws IOException {
    Path file = folder.resolve(name);
    try {
      Files.createFile(file);
      return true;
    } catch (FileAlreadyExistsException taken) {
      return Files.mismatch(file, original) < 0;
    }
  }

  private void writeOutcome(String name, Rejection rejection) throws IOException {
    Path temporary = Files.createTempFile(folder, ".", ".tmp");
    try {
      Files.write(
          temporary, JsonObjects.writePretty(rejection.outcome()).getBytes(StandardCharsets.UTF_8));
      Files.move(temporary, folder.resolve(name), ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
