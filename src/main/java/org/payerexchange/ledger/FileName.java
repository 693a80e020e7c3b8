package org.payerexchange.ledger;

/** How an output file is called wherever it lies: never after a URL. */
public final class FileName {
  private FileName() {}

  /** {@code Patient-3.ndjson}. */
  public static String of(String resourceType, int number) {
    return resourceType + "-" + number + ".ndjson";
  }
}
