package org.payerexchange.intake;

import java.util.List;
import java.util.stream.Stream;

/**
 * What became of a whole file, message or request: the body after {@code direct:take-in-records}.
 *
 * @param accepted how many records became transfers or were known already
 * @param duplicates how many of those were known already
 * @param rejected how many were not taken
 * @param batches what became of each record, if the caller answers for it; without the originals
 */
public record IntakeResult(int accepted, int duplicates, int rejected, List<BatchResult> batches) {
  static final IntakeResult NONE = new IntakeResult(0, 0, 0, List.of());

  /** With a batch more, of which the counts alone are kept or its records as well. */
  IntakeResult plus(BatchResult batch, boolean withRecords) {
    return new IntakeResult(
        accepted + batch.accepted().size(),
        duplicates + batch.duplicates(),
        rejected + batch.rejections().size(),
        withRecords
            ? Stream.concat(batches.stream(), Stream.of(batch.withoutOriginals())).toList()
            : batches);
  }

  /** The records that were taken, in their order. */
  public List<BatchResult.Accepted> taken() {
    return batches.stream().flatMap(batch -> batch.accepted().stream()).toList();
  }

  /** The records that were not taken, in their order, without their originals. */
  public List<Rejection> rejections() {
    return batches.stream().flatMap(batch -> batch.rejections().stream()).toList();
  }
}
