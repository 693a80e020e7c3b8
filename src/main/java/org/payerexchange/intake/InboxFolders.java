package org.payerexchange.intake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The folders inside the inbox where files go that were read, and records that were rejected. Both
 * hold PHI and are this user's alone (0700).
 */
public final class InboxFolders {
  private final Path done;
  private final Path rejected;

  /**
   * Makes the folders of this inbox where they are missing.
   *
   * @throws IOException if that is not possible
   */
  public InboxFolders(String inbox) throws IOException {
    FileAttribute<?> ownersAlone =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    Files.createDirectories(Path.of(inbox));
    this.done = Files.createDirectories(Path.of(inbox, ".done"), ownersAlone);
    this.rejected = Files.createDirectories(Path.of(inbox, ".rejected"), ownersAlone);
  }

  /** Where files lie whose records are committed. */
  public Path done() {
    return done;
  }

  /** Where records lie that were not taken, with the reasons. */
  public Path rejected() {
    return rejected;
  }
}
