package org.payerexchange.export;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Set;

/** What a payer's answer to a status request says about its export job. */
public enum JobStatus {
  /** It is at work, or says something that is neither an end nor a failure. */
  RUNNING,
  /** The answer is the manifest. */
  SUCCESSFUL,
  /** It will not come to an end any more. */
  FAILED,
  /** The payer does not know it any more (404, 410). */
  GONE,
  /** It is still at work after its deadline. */
  OVERDUE,
  /** The answer is neither a status nor a manifest. */
  UNREADABLE;

  private static final Set<String> FAILURES =
      Set.of(
          "failed", "failure", "error", "errored", "aborted", "cancelled", "canceled", "rejected");

  private static final Set<String> SEVERE = Set.of("error", "fatal");

  /**
   * Decides. An HTTP status of 200 alone is not the end: the 1upHealth gateway sends its status in
   * the body, and only {@code Successful} is the end; a body with an {@code output} and without a
   * {@code status} is the standard's manifest (FHIR Bulk Data Access 2, "Response - Complete
   * Status"). A word that nobody has documented keeps the job running until its deadline.
   *
   * @param httpStatus 200, 202, 404 or 410
   * @param answer the body; an empty object where there is none
   */
  public static JobStatus of(int httpStatus, JsonNode answer) {
    if (httpStatus == 404 || httpStatus == 410) {
      return GONE;
    }
    String status = answer.path("status").asText("").strip().toLowerCase(Locale.ROOT);
    if (FAILURES.contains(status)) {
      return FAILED;
    }
    if (httpStatus == 202) {
      return RUNNING;
    }
    if (status.equals("successful")) {
      return SUCCESSFUL;
    }
    if (!status.isEmpty()) {
      return RUNNING;
    }
    if (answer.path("output").isArray()) {
      return SUCCESSFUL;
    }
    return isRunningNote(answer) ? RUNNING : UNREADABLE;
  }

  /** An OperationOutcome that only informs, as the kick-off's answer is one. */
  private static boolean isRunningNote(JsonNode answer) {
    if (!answer.path("resourceType").asText().equals("OperationOutcome")) {
      return false;
    }
    for (JsonNode issue : answer.path("issue")) {
      if (SEVERE.contains(issue.path("severity").asText())
          && !issue.path("code").asText().equals("transient")) {
        return false;
      }
    }
    return true;
  }
}
