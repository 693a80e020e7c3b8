package org.payerexchange.split;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.payerexchange.files.FileHash;

/** Hashes what a member's file holds. Not thread-safe. */
final class Measure {
  private final MessageDigest digest = FileHash.digest();
  private long bytes;

  /** Measures a file that is written. */
  static MemberFile of(String resourceType, Path file, long lines, byte[] buffer)
      throws IOException {
    Measure measure = new Measure();
    try (InputStream from = Files.newInputStream(file)) {
      for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
        measure.add(buffer, read);
      }
    }
    return measure.end(resourceType, file, lines);
  }

  /** Adds the first bytes of a piece. */
  void add(byte[] piece, int length) {
    digest.update(piece, 0, length);
    bytes += length;
  }

  /** Ends it. */
  MemberFile end(String resourceType, Path file, long lines) {
    String sha256 = HexFormat.of().formatHex(digest.digest());
    return new MemberFile(resourceType, file, lines, bytes, sha256);
  }
}
