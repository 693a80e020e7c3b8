package org.payerexchange.ledger;

import java.util.Map;

/**
 * How the files are numbered that are written for a transfer, one a resource type.
 *
 * @param files how many files have been given a number in the transfer
 * @param known those that an earlier export gave, by resource type
 */
public record FileNumbers(int files, Map<String, Integer> known) {
  /** Keeps a copy. */
  public FileNumbers {
    known = Map.copyOf(known);
  }

  /**
   * The number of the file of a type: what it had before, else the next.
   *
   * @param newOnes how many types before it had none
   */
  public int of(String resourceType, int newOnes) {
    return known.getOrDefault(resourceType, files + newOnes + 1);
  }
}
