package org.payerexchange.docker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A ConfigMap or a Secret as Kubernetes mounts it: its file lies in a hidden folder, behind two
 * links, so that all of a volume changes at once.
 */
final class MountedVolume {
  private static final Path CONTENT = Path.of("..2026_01_01_00_00_00.1234567890");
  private static final Path DATA = Path.of("..data");

  private MountedVolume() {}

  static void write(Path folder, String file, String text) throws IOException {
    Files.createDirectories(folder.resolve(CONTENT));
    Files.writeString(folder.resolve(CONTENT).resolve(file), text);
    Files.createSymbolicLink(folder.resolve(DATA), CONTENT);
    Files.createSymbolicLink(folder.resolve(file), DATA.resolve(file));
  }
}
