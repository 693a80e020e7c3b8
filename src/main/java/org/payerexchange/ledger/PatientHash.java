package org.payerexchange.ledger;

import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;

/** What is kept of a payer's Patient where its id need not be known again. */
public final class PatientHash {
  private PatientHash() {}

  /** SHA-256 in lower-case hexadecimal digits. */
  public static String of(String patientId) {
    return Hashing.sha256().hashString(patientId, StandardCharsets.UTF_8).toString();
  }
}
