package org.payerexchange.ledger.store;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.FileNumbers;
import org.payerexchange.ledger.NewFile;
import org.payerexchange.ledger.SplitClaim;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.step.Claim;
import org.payerexchange.step.FailureReason;

/**
 * Whatever happens to a few transfers, in whatever order: nothing waits for ever, nothing is to be
 * done of what has ended, and in the end each transfer has ended and said so.
 */
class RandomTransfersTest extends RandomSteps {
  private static final List<String> TYPES = List.of("DocumentReference", "Patient");

  RandomTransfersTest() {
    super(
        Map.of(
            "an open transfer has something to be done",
            """
            SELECT id FROM transfer WHERE state IN ('RECEIVED', 'MATCHED') AND NOT EXISTS
              (SELECT 1 FROM step WHERE transfer_id = transfer.id AND due_at IS NOT NULL)""",
            "what is to be split by type is of no sink, and is gone once it is split",
            """
            SELECT file.id FROM output_file file JOIN export_job job ON job.id = file.job_id
            WHERE file.shared <> (file.resource_type = 'Resource')
              OR file.shared AND (file.turn IS NOT NULL OR file.whole_turn IS NOT NULL
                OR job.kind <> 'MIXED' OR job.state = 'COMPLETE')"""));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
  void inTheEndEachTransferHasEndedAndSaidSo(long seed) {
    begin(seed);
    transfers.addAll(worker.register("bison", 2));
    transfers.addAll(worker.register("elk", 2));

    happens(250, 25);
  }

  @Override
  boolean otherwise(Claim claim) {
    return switch (claim.stage()) {
      case MEMBER_MATCH ->
          worker.transfers.noMatch((TransferClaim) claim, FailureReason.NO_MATCH, "422");
      case RETRIEVE -> worker.retrievals.exportInstead((ExportJobClaim) claim);
      default -> super.otherwise(claim);
    };
  }

  @Override
  boolean succeeds(Claim claim) {
    return switch (claim.stage()) {
      case MEMBER_MATCH ->
          random.nextInt(3) == 0
              ? worker.transfers.matchedPatient((TransferClaim) claim, "p1", true)
              : worker.transfers.matched((TransferClaim) claim, List.of("g1", "g2"));
      case RETRIEVE -> retrieved((ExportJobClaim) claim);
      case SPLIT_TYPES -> split((SplitClaim) claim);
      default -> super.succeeds(claim);
    };
  }

  /** Some files may be organized, and others not. */
  @Override
  List<NewFile> manifest() {
    return super.manifest().stream()
        .map(
            file ->
                random.nextInt(3) > 0
                    ? file
                    : new NewFile(FileKind.OUTPUT, FileKind.ALL_TYPES, file.url(), true, null))
        .toList();
  }

  private boolean split(SplitClaim claim) {
    List<String> types = TYPES.subList(0, random.nextInt(3));
    return worker
        .splits
        .numbers(claim, types)
        .map(numbers -> written(numbers, types))
        .filter(own -> worker.splits.splitByType(claim, own, List.of("a"), List.of("b")))
        .isPresent();
  }

  private boolean retrieved(ExportJobClaim claim) {
    FileNumbers numbers = worker.retrievals.numbers(claim);
    return worker.retrievals.reached(claim, "a page", 1, true)
        && worker.retrievals.retrieved(
            claim,
            null,
            written(numbers, TYPES.subList(0, random.nextInt(3))),
            List.of(),
            List.of("a"),
            List.of("b"));
  }
}
