package org.payerexchange.intake;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.camel.Body;

/**
 * Rejected records of files, side by side with an OperationOutcome that says why: {@code
 * .rejected/<file>-<n>.json} and {@code .rejected/<file>-<n>-outcome.json}. Files are 0600.
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
  public void keep(@Body Rejection rejection) throws IOException {
    String file = Path.of(rejection.source().name()).getFileName().toString();
    String stem = InboxNames.shortened(file) + "-" + rejection.number();
    String extension = "." + rejection.form().extension();
    String name = stem;
    for (int again = 2; isTaken(name + extension, rejection.original()); again++) {
      name = stem + "-" + again;
    }
    write(name + extension, rejection.original().bytes());
    write(
        name + "-outcome.json",
        JsonObjects.writePretty(rejection.outcome()).getBytes(StandardCharsets.UTF_8));
  }

  private boolean isTaken(String name, OriginalRecord original) throws IOException {
    Path file = folder.resolve(name);
    return Files.exists(file) && !original.isEqualTo(Files.readAllBytes(file));
  }

  private void write(String name, byte[] content) throws IOException {
    // 0600 from the beginning
    Path temporary = Files.createTempFile(folder, ".", ".tmp");
    try {
      Files.write(temporary, content);
      Files.move(temporary, folder.resolve(name), ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
