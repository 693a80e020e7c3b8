package org.payerexchange.delivery.fhir;

import java.util.Set;

/**
 * How much goes into a Bundle.
 *
 * @param entries most changes
 * @param bytes most bytes of their lines, more only where a single line has more
 * @param transaction whether Bundles go as transactions first, which are made whole or not at all
 */
public record BundleLimits(int entries, long bytes, boolean transaction) {

  /**
   * As configured.
   *
   * @param type {@code transaction} or {@code batch}
   * @throws IllegalArgumentException naming the key that is wrong
   */
  public static BundleLimits configured(String type, int entries, long bytes) {
    if (!Set.of("transaction", "batch").contains(type)) {
      throw new IllegalArgumentException(
          "p2p.deliver.fhir.bundle-type must be transaction or batch");
    }
    if (entries < 1) {
      throw new IllegalArgumentException("p2p.deliver.fhir.bundle-size must be at least 1");
    }
    return new BundleLimits(entries, bytes, type.equals("transaction"));
  }
}
