package org.payerexchange.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.payerexchange.boot.Settings;
import org.payerexchange.boot.SettingsCheck;
import org.payerexchange.boot.Setup;
import org.payerexchange.files.PrivateFiles;

/**
 * The inbox, the work folder and the outbox, as far as nobody has made them yet. A check is to
 * leave none: where it ran as another user, or in another folder, they would be in the way.
 */
final class UnmadeFolders implements AutoCloseable {
  private final List<String> keys = new ArrayList<>();
  private final List<Path> folders = new ArrayList<>();
  private final Path elsewhere;

  /** Those of this setup. */
  UnmadeFolders(Setup setup) throws IOException {
    elsewhere = Files.createTempDirectory("payer-exchange-check");
    setup
        .read(
            settings ->
                SettingsCheck.FOLDERS.stream()
                    .flatMap(key -> folder(settings, key).stream())
                    .toList())
        .forEach(this::add);
  }

  private record Folder(String key, Path path) {}

  /** None where the value cannot be read, which is told with all that is wrong. */
  private static Optional<Folder> folder(Settings settings, String key) {
    try {
      return Optional.of(new Folder(key, Path.of(settings.text(key)).toAbsolutePath()));
    } catch (IllegalArgumentException unreadable) {
      return Optional.empty();
    }
  }

  private void add(Folder folder) {
    if (!Files.exists(folder.path())) {
      keys.add(folder.key());
    }
    for (Path path = folder.path(); path != null && !Files.exists(path); path = path.getParent()) {
      folders.add(path);
    }
  }

  /** Removes those that were made to see whether they can be made, and are empty. */
  void unmake() {
    for (Path folder : folders) {
      try {
        Files.deleteIfExists(folder);
      } catch (IOException inUse) {
        // somebody else has it by now
      }
    }
  }

  /** The same with folders elsewhere in place of them. */
  Setup elsewhere(Setup setup) {
    Setup moved = setup;
    for (String key : keys) {
      moved = moved.with(key, elsewhere.resolve(key).toString());
    }
    return moved;
  }

  @Override
  public void close() throws IOException {
    PrivateFiles.deleteFolder(elsewhere);
  }
}
