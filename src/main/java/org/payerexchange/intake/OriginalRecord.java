package org.payerexchange.intake;

import java.util.Arrays;
import java.util.Optional;

/** The bytes of a record as it came, cut at the longest record that is taken. They are PHI. */
public final class OriginalRecord {
  private final byte[] bytes;

  OriginalRecord(byte[] bytes) {
    this.bytes = bytes.clone();
  }

  /** A copy of the bytes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The bytes as text, if they are UTF-8. */
  public Optional<String> text() {
    return Utf8.decode(bytes);
  }

  int length() {
    return bytes.length;
  }

  String sha256() {
    return Sha256.hex(bytes);
  }

  boolean isEqualTo(byte[] others) {
    return Arrays.equals(bytes, others);
  }
}
