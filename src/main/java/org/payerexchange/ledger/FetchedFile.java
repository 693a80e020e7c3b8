package org.payerexchange.ledger;

import java.util.List;

/**
 * A file that lies checked in the outbox.
 *
 * @param resources its lines
 * @param bytes its size
 * @param sha256 lower-case hex of its content
 * @param stamp what its file system says of it, as long as nobody changes it; null if it is unknown
 * @param warnings such as a count that differs from the announced one; without PHI
 * @param resourceType what it turned out to hold; null where that was announced
 * @param attachments what its lines name
 */
public record FetchedFile(
    long resources,
    long bytes,
    String sha256,
    String stamp,
    List<String> warnings,
    String resourceType,
    FoundAttachments attachments) {

  /** Copies the list. */
  public FetchedFile {
    warnings = List.copyOf(warnings);
  }

  /** A file that holds what was announced, and names no attachments. */
  public FetchedFile(
      long resources, long bytes, String sha256, String stamp, List<String> warnings) {
    this(resources, bytes, sha256, stamp, warnings, null, FoundAttachments.NONE);
  }

  /** The same file with other warnings. */
  public FetchedFile with(List<String> allWarnings) {
    return new FetchedFile(resources, bytes, sha256, stamp, allWarnings, resourceType, attachments);
  }

  /** The same file with what its lines name. */
  public FetchedFile naming(FoundAttachments named) {
    return new FetchedFile(resources, bytes, sha256, stamp, warnings, resourceType, named);
  }
}
