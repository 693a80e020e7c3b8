package org.payerexchange.ledger;

import java.time.Instant;

/**
 * A staged file, claimed for its delivery to one sink.
 *
 * @param sink the sink's configured name or endpoint URI
 * @param position resources that this sink has taken already
 * @param resources lines of the file
 * @param bytes size of the file
 * @param sha256 lower-case hex of the file's content
 */
public record DeliveryClaim(
    long id,
    long fileId,
    String transferId,
    String payer,
    long leaseToken,
    int attempts,
    Instant failingSince,
    String sink,
    long position,
    String resourceType,
    int number,
    FileKind kind,
    long resources,
    long bytes,
    String sha256)
    implements Claim {

  @Override
  public Stage stage() {
    return Stage.DELIVER;
  }

  @Override
  public Object rowId() {
    return id;
  }

  /** The file's stable name: {@code Patient-3.ndjson}. */
  public String name() {
    return FileName.of(resourceType, number);
  }

  /** The key by which a receiver drops duplicates: {@code <transfer id>/<name>}. */
  public String key() {
    return transferId + "/" + name();
  }
}
