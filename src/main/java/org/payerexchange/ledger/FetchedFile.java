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
 */
public record FetchedFile(
    long resources, long bytes, String sha256, String stamp, List<String> warnings) {

  /** Copies the list. */
  public FetchedFile {
    warnings = List.copyOf(warnings);
  }
}
