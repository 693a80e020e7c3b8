package org.payerexchange.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file with a secret or a key: short, and read anew each time, since it may be replaced. */
final class CredentialFile {
  private static final int MOST_BYTES = 64 * 1024;

  private CredentialFile() {}

  /** Content as text, without the mark that some editors put before it. */
  static String text(byte[] content) {
    String text = new String(content, UTF_8);
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  /**
   * Its content.
   *
   * @param key the configuration key that names it
   * @throws IllegalArgumentException naming the key, if it cannot be read
   */
  static byte[] read(String key, Path file) {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException("%s: there is no file '%s'".formatted(key, file));
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] content = in.readNBytes(MOST_BYTES + 1);
      if (content.length > MOST_BYTES) {
        throw new IllegalArgumentException(
            "%s: '%s' is longer than %s bytes".formatted(key, file, MOST_BYTES));
      }
      return content;
    } catch (IOException unreadable) {
      throw new IllegalArgumentException(
          "%s: '%s' cannot be read (%s)"
              .formatted(key, file, unreadable.getClass().getSimpleName()));
    }
  }
}
