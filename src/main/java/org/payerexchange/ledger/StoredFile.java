package org.payerexchange.ledger;

/**
 * A file in the outbox whose turn it is at a sink.
 *
 * @param turn its place among those of its transfer there
 * @param position resources that the sink has taken already
 * @param content how many contents the file has had, from 1
 * @param resources lines of the file
 * @param bytes size of the file
 * @param sha256 lower-case hex of the file's content
 * @param stamp what its file system said of it when it was stored, or null
 */
public record StoredFile(
    String transferId,
    long turn,
    long position,
    int content,
    String resourceType,
    int number,
    FileKind kind,
    long resources,
    long bytes,
    String sha256,
    String stamp) {

  /** The file's stable name: {@code Patient-3.ndjson}. */
  public String name() {
    return FileName.of(resourceType, number);
  }

  /** Whether it holds resources, one a line, rather than a content of its own. */
  public boolean holdsLines() {
    return !FileKind.isOpaque(resourceType);
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
