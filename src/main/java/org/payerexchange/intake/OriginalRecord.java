package org.payerexchange.intake;

import java.util.Optional;
import org.payerexchange.files.FileHash;

/**
 * The bytes of a record as it came, or no more than its beginning where it is too long for the
 * memory; the input that it came in is the only whole original then. They are PHI.
 */
public final class OriginalRecord {
  private final byte[] bytes;
  private final boolean beginning;

  OriginalRecord(byte[] bytes) {
    this(bytes.clone(), false);
  }

  private OriginalRecord(byte[] bytes, boolean beginning) {
    this.bytes = bytes;
    this.beginning = beginning;
  }

  /** The same bytes, of a longer original. */
  OriginalRecord asBeginning() {
    return new OriginalRecord(bytes, true);
  }

  /** Whether the original goes on behind the bytes. */
  public boolean isBeginning() {
    return beginning;
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
    return FileHash.sha256(bytes);
  }
}
