package org.payerexchange.intake;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A record that was not taken. Its original holds PHI; what is said about it does not.
 *
 * @param source where it came from
 * @param number its place there, from 1
 * @param form how it is written
 * @param original its bytes, cut at the longest record that is taken
 * @param problems what is wrong with it
 */
public record Rejection(
    IntakeSource source,
    long number,
    RecordForm form,
    OriginalRecord original,
    List<IntakeProblem> problems) {
  private static final int MAX_REASON = 1000;

  static Rejection of(CheckedRecord record, List<IntakeProblem> problems) {
    return new Rejection(
        record.source(),
        record.raw().number(),
        record.raw().form(),
        record.raw().original(),
        problems);
  }

  Rejection withoutOriginal() {
    return new Rejection(source, number, form, new OriginalRecord(new byte[0]), problems);
  }

  /** All problems in words, as the ledger keeps them. */
  public String reason() {
    String all = problems.stream().map(IntakeProblem::text).collect(Collectors.joining("; "));
    return all.length() > MAX_REASON ? all.substring(0, MAX_REASON) : all;
  }

  /** The kinds of the problems, each once, separated by commas: {@code MISSING,INVALID}. */
  public String codes() {
    return problems.stream()
        .map(problem -> problem.reason().name())
        .distinct()
        .collect(Collectors.joining(","));
  }

  /** A FHIR R4 OperationOutcome with one issue for each problem. */
  public ObjectNode outcome() {
    ObjectNode outcome = JsonObjects.create().put("resourceType", "OperationOutcome");
    addIssues(outcome.putArray("issue"));
    return outcome;
  }

  void addIssues(ArrayNode issues) {
    for (IntakeProblem problem : problems) {
      ObjectNode issue = issues.addObject();
      issue.put("severity", "error");
      issue.put("code", problem.reason().issueType());
      issue.putObject("details").put("text", problem.text());
      issue.put("diagnostics", "record %s of %s".formatted(number, source.name()));
      if (!problem.field().isEmpty()) {
        issue.putArray("expression").add(problem.field());
      }
    }
  }

  /** No content: it is PHI. */
  @Override
  public String toString() {
    return "Rejection[record %s of %s: %s]".formatted(number, source.name(), codes());
  }
}
