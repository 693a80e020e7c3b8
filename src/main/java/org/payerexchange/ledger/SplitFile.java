package org.payerexchange.ledger;

/**
 * A member's own file, which stands in its folder.
 *
 * @param number counts the files of the transfer
 * @param file what was put there
 * @param wholeTurn its turn at sinks that begin once all files are there
 */
public record SplitFile(String resourceType, int number, FetchedFile file, Long wholeTurn) {
  /** The file's stable name: {@code Patient-3.ndjson}. */
  public String name() {
    return FileName.of(resourceType, number);
  }
}
