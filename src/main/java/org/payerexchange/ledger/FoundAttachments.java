package org.payerexchange.ledger;

import java.util.List;

/**
 * The attachments that lines of a file name and that lead to the payer, in their order, each URL
 * once.
 *
 * @param found at most {@code most}
 * @param more how many were found beyond that
 * @param most how many a transfer may have
 * @param warnings what was found and cannot be fetched, in words without PHI
 */
public record FoundAttachments(List<Attachment> found, long more, int most, List<String> warnings) {
  /** Nobody has looked for any. */
  public static final FoundAttachments NONE = new FoundAttachments(List.of(), 0, 0, List.of());

  /** Copies the lists. */
  public FoundAttachments {
    found = List.copyOf(found);
    warnings = List.copyOf(warnings);
  }
}
