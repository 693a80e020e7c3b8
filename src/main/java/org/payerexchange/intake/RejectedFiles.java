package org.payerexchange.intake;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.payerexchange.files.AtomicFiles;
import org.payerexchange.files.FileHash;
import org.payerexchange.files.PrivateFiles;

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
  public void keep(Rejection rejection, InboxReading reading) throws IOException {
    Path original = unfinished(rejection, "original");
    Path outcome = unfinished(rejection, "outcome");
    try {
      write(original, content(rejection.original(), reading));
      write(
          outcome,
          AtomicFiles.Content.of(
              JsonObjects.writePretty(rejection.outcome()).getBytes(StandardCharsets.UTF_8)));
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
    // not forced: the whole file goes to the folder of those that were read
    AtomicFiles.move(original, keptOriginal);
    AtomicFiles.move(outcome, keptOutcome);
    return true;
  }

  /** Where it is written at first, by whoever reads it: what a kill leaves is written over. */
  Path unfinished(Rejection rejection, String what) {
    String which = "%s %s %s".formatted(rejection.source().name(), rejection.number(), what);
    return AtomicFiles.unfinished(folder.resolve(FileHash.sha256(which)));
  }

  private static void write(Path file, AtomicFiles.Content content) throws IOException {
    try (FileChannel to = PrivateFiles.create(file)) {
      content.writeTo(to);
    }
  }

  private static AtomicFiles.Content content(OriginalRecord original, InboxReading reading) {
    return file -> {
      if (original.isBeginning() && reading.isWholeWanted()) {
        try (InputStream whole = Files.newInputStream(reading.file().path(), NOFOLLOW_LINKS)) {
          whole.transferTo(Channels.newOutputStream(file));
          return;
        } catch (NoSuchFileException gone) {
          // its beginning is all that is left of it
        }
      }
      AtomicFiles.Content.of(original.bytes()).writeTo(file);
    };
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
