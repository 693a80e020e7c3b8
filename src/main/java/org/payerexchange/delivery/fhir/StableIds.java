package org.payerexchange.delivery.fhir;

import java.util.regex.Pattern;
import org.payerexchange.files.FileHash;

/**
 * The ids that a payer's resources have at the FHIR server: {@code <payer>.<id>}. A payer's key
 * holds no dot, so that two payers' ids never meet. An id that would be too long for FHIR (64
 * characters), is none by its letters, or looks like that of a transfer's Provenance, is replaced
 * by the SHA-256 of both in 64 hexadecimal digits. The same resource has the same id whenever it
 * arrives.
 *
 * @param payer the source payer's key
 */
record StableIds(String payer) {
  private static final int LONGEST = 64;
  private static final Pattern LEGAL = Pattern.compile("(?!transfer-[0-9a-f]{8}-)[A-Za-z0-9.-]+");

  /** The id of a resource that the payer calls this. */
  String of(String id) {
    String joined = payer + "." + id;
    return joined.length() <= LONGEST && LEGAL.matcher(id).matches()
        ? joined
        : FileHash.sha256(payer + "\n" + id);
  }

  /** The id of a transfer's Provenance. */
  String ofTransfer(String transferId) {
    String joined = payer + ".transfer-" + transferId;
    return joined.length() <= LONGEST ? joined : FileHash.sha256(joined);
  }

  /** The id of a resource that came without one: the same for the same content. */
  String ofContent(byte[] json) {
    return of("content-" + FileHash.sha256(json));
  }
}
