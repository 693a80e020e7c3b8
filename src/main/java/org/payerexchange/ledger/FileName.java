package org.payerexchange.ledger;

/** How an output file is called wherever it lies: never after a URL. */
public final class FileName {
  private FileName() {}

  /** {@code Patient-3.ndjson}, or {@code attachment-3} of what holds no lines. */
  public static String of(String resourceType, int number) {
    return resourceType + "-" + number + (FileKind.isOpaque(resourceType) ? "" : ".ndjson");
  }
}
