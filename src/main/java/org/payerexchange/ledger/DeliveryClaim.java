package org.payerexchange.ledger;

import java.time.Instant;
import org.payerexchange.step.Claim;
import org.payerexchange.step.Stage;

/**
 * A stored file, claimed for its delivery to one sink.
 *
 * @param sink the sink's configured name or endpoint URI
 * @param position resources that this sink has taken already
 * @param content how often the file had another content than before, from 1
 * @param resources lines of the file
 * @param bytes size of the file
 * @param sha256 lower-case hex of the file's content
 * @param stamp what its file system said of it when it was stored, or null
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
    int content,
    String resourceType,
    int number,
    FileKind kind,
    long resources,
    long bytes,
    String sha256,
    String stamp)
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

  /** The path of the file at a receiver: {@code <transfer id>/<name>}. */
  public String path() {
    return transferId + "/" + name();
  }

  /**
   * The key by which a receiver drops duplicates: its path, and {@code /content-2} or more where a
   * later export or download of the file had another content.
   */
  public String key() {
    return content == 1 ? path() : path() + "/content-" + content;
  }
}
