package org.payerexchange.intake;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Stream;

/**
 * What became of a whole file, message or request: the body after {@code direct:take-in-records}.
 *
 * @param accepted how many records became transfers or were known already
 * @param duplicates how many of those were known already
 * @param rejected how many were not taken
 * @param transferIds of the accepted records in their order; only the first thousand
 * @param rejections the rejected records; only the first hundred, without their originals
 */
public record IntakeResult(
    int accepted,
    int duplicates,
    int rejected,
    List<String> transferIds,
    List<Rejection> rejections) {
  private static final int MAX_IDS = 1000;
  private static final int MAX_REJECTIONS = 100;
  private static final IntakeResult NONE = new IntakeResult(0, 0, 0, List.of(), List.of());

  static IntakeResult of(BatchResult batch) {
    return NONE.plus(batch);
  }

  IntakeResult plus(BatchResult batch) {
    return new IntakeResult(
        accepted + batch.transferIds().size(),
        duplicates + batch.duplicates(),
        rejected + batch.rejections().size(),
        Stream.concat(transferIds.stream(), batch.transferIds().stream()).limit(MAX_IDS).toList(),
        Stream.concat(
                rejections.stream(), batch.rejections().stream().map(IntakeResult::withoutOriginal))
            .limit(MAX_REJECTIONS)
            .toList());
  }

  private static Rejection withoutOriginal(Rejection rejection) {
    return new Rejection(
        rejection.source(),
        rejection.number(),
        rejection.form(),
        new OriginalRecord(new byte[0]),
        rejection.problems());
  }

  /**
   * A FHIR R4 OperationOutcome as JSON: the problems of the rejected records, and how many records
   * were taken.
   */
  public String outcome() {
    ObjectNode outcome = JsonObjects.create().put("resourceType", "OperationOutcome");
    ArrayNode issues = outcome.putArray("issue");
    rejections.forEach(rejection -> rejection.addIssues(issues));
    ObjectNode summary = issues.addObject();
    summary.put("severity", "information");
    summary.put("code", "informational");
    summary
        .putObject("details")
        .put("text", "%d records accepted, %d rejected".formatted(accepted, rejected));
    return JsonObjects.write(outcome);
  }
}
