package org.payerexchange.auth;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A client's secret: as the configuration has it, or the content of a file that may be replaced at
 * any time.
 *
 * @param keys what its configuration keys begin with: {@code p2p.payers.bison}
 * @param text empty where there is none, or where it is in a file
 * @param file whose content it is, without the line's end
 */
public record ClientSecret(String keys, String text, Optional<Path> file) {
  /**
   * Checks that it is clear which one is meant.
   *
   * @throws IllegalArgumentException if it is given in both ways
   */
  public ClientSecret {
    if (!text.isBlank() && file.isPresent()) {
      throw new IllegalArgumentException(
          "%s.client-secret-file: client-secret is set as well, only one of them can be meant"
              .formatted(keys));
    }
  }

  /** Whether there is one. */
  public boolean isSet() {
    return !text.isBlank() || file.isPresent();
  }

  /**
   * The secret as it is now.
   *
   * @throws IllegalArgumentException naming the key, if its file cannot be read or is not one line
   *     of text
   */
  public String value() {
    return file.map(this::read).orElse(text);
  }

  private String read(Path from) {
    String key = keys + ".client-secret-file";
    String value = CredentialFile.text(CredentialFile.read(key, from)).strip();
    if (value.isEmpty()) {
      throw new IllegalArgumentException("%s: '%s' is empty".formatted(key, from));
    }
    if (value.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "%s: '%s' is not one line of UTF-8 text".formatted(key, from));
    }
    return value;
  }

  /** Where it is, and nothing of it. */
  @Override
  public String toString() {
    return "ClientSecret[%s, %s]".formatted(keys, file);
  }
}
