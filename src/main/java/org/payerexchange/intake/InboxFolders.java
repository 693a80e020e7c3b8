package org.payerexchange.intake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.payerexchange.files.PrivateFiles;

/**
 * The inbox, and the folders inside it where files go that were read, and records that were
 * rejected. Both hold PHI and are this user's alone (0700).
 */
public final class InboxFolders {
  private final Path inbox;
  private final Path done;
  private final Path rejected;

  /**
   * Makes the folders of this inbox where they are missing.
   *
   * @throws IOException if that is not possible
   */
  public InboxFolders(String inbox) throws IOException {
    this.inbox = Path.of(inbox);
    Files.createDirectories(this.inbox);
    this.done = make(this.inbox.resolve(".done"));
    this.rejected = make(this.inbox.resolve(".rejected"));
  }

  /** Makes a folder, and those above it, that nobody else may look into. */
  static Path make(Path folder) throws IOException {
    PrivateFiles.createFolders(folder);
    return folder;
  }

  /** Where files are dropped. */
  public Path inbox() {
    return inbox;
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
