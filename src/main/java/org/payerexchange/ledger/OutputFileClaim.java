package org.payerexchange.ledger;

import java.time.Instant;
import org.payerexchange.step.Claim;
import org.payerexchange.step.Stage;

/**
 * An output file, claimed for its download.
 *
 * @param number counts the files of the transfer over all its jobs; given once
 * @param url where the manifest says the file is; may hold a secret of the payer's
 * @param requiresAccessToken as the manifest says, or null where it does not
 * @param expectedCount resources that the manifest announced for this file, or null
 * @param updatedAt when the row last changed by a transition
 */
public record OutputFileClaim(
    long id,
    long jobId,
    String transferId,
    String payer,
    long leaseToken,
    int attempts,
    Instant failingSince,
    Instant refusedSince,
    FileKind kind,
    String resourceType,
    int number,
    String url,
    Boolean requiresAccessToken,
    Long expectedCount,
    Instant updatedAt)
    implements Claim {

  @Override
  public Stage stage() {
    return Stage.DOWNLOAD;
  }

  @Override
  public Object rowId() {
    return id;
  }

  /** The file's stable name: {@code Patient-3.ndjson}. */
  public String name() {
    return FileName.of(resourceType, number);
  }

  /** Leaves the URL out: a signed URL is a secret. */
  @Override
  public String toString() {
    return "OutputFileClaim[%d, %s of %s, %s, lease %d]"
        .formatted(id, name(), transferId, payer, leaseToken);
  }
}
