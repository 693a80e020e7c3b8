package org.payerexchange.export;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.payerexchange.http.OutcomeCodes;
import org.payerexchange.ledger.FileKind;

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
  /** It has a state that nobody knows: at work, or at its end. */
  UNKNOWN,
  /** The answer is an OperationOutcome that tells of an error which another try does not mend. */
  REFUSED,
  /** The answer is an OperationOutcome that tells of an error which may pass, not of the job. */
  TROUBLED,
  /** The answer is neither a status nor a manifest. */
  UNREADABLE;

  private static final Set<String> FINISHED =
      Set.of(
          "successful",
          "success",
          "succeeded",
          "complete",
          "completed",
          "completed successfully",
          "completed with errors",
          "completed with warnings",
          "partially completed",
          "partially successful",
          "partial success",
          "finished",
          "done",
          "ready",
          "available",
          "exported",
          "processed");

  private static final Set<String> FAILURES =
      Set.of(
          "failed",
          "failure",
          "error",
          "errored",
          "in error",
          "aborted",
          "cancelled",
          "canceled",
          "cancel completed",
          "rejected",
          "abandoned",
          "terminated",
          "stopped",
          "expired",
          "timed out",
          "unsuccessful");

  /** Any of these words in a status says that the job is at work, or waits for its turn. */
  private static final Set<String> AT_WORK =
      Set.of(
          "progress",
          "inprogress",
          "process",
          "inprocess",
          "queue",
          "inqueue",
          "wait",
          "active",
          "busy",
          "open",
          "opened",
          "initial",
          "initialized",
          "initialised",
          "assigned",
          "allocated",
          "dispatched",
          "triggered",
          "launched",
          "acknowledged",
          "resumed",
          "restarted",
          "retry",
          "delayed",
          "deferred",
          "postponed",
          "throttled",
          "unfinished",
          "notstarted",
          "started",
          "submitted",
          "accepted",
          "created",
          "requested",
          "received",
          "registered",
          "initiated",
          "queued",
          "enqueued",
          "scheduled",
          "planned",
          "draft",
          "new",
          "paused",
          "suspended",
          "hold",
          "onhold",
          "blocked",
          "finalize",
          "incomplete",
          "not");

  /**
   * Decides. An HTTP status of 200 alone is not the end: the 1upHealth gateway sends its status in
   * the body, and only {@code Successful}, or a word like it, is the end; a body without a {@code
   * status} that has what a manifest has is the standard's manifest (FHIR Bulk Data Access 2,
   * "Response - Complete Status").
   *
   * @param httpStatus any 2xx, 404 or 410
   * @param answer the body; an empty object where there is none
   */
  public static JobStatus of(int httpStatus, StatusAnswer answer) {
    if (httpStatus == 404 || httpStatus == 410) {
      return GONE;
    }
    String word = word(answer);
    if (FAILURES.contains(word)) {
      return FAILED;
    }
    if (httpStatus == 202) {
      return FINISHED.contains(word) && namesFiles(answer) ? UNKNOWN : RUNNING;
    }
    if (!word.isEmpty()) {
      return ofWord(word);
    }
    OutcomeCodes outcome = OutcomeCodes.of(answer.said());
    if (outcome.isOutcome()) {
      return !outcome.isError() ? RUNNING : outcome.mayPass() ? TROUBLED : REFUSED;
    }
    return isManifest(answer) ? SUCCESSFUL : UNREADABLE;
  }

  private static JobStatus ofWord(String word) {
    if (FINISHED.contains(word)) {
      return SUCCESSFUL;
    }
    boolean atWork =
        word.startsWith("in ")
            || Arrays.stream(word.split(" "))
                .anyMatch(each -> AT_WORK.contains(each) || each.endsWith("ing"));
    return atWork ? RUNNING : UNKNOWN;
  }

  /** Whether there is a status that does not say that the job has ended. */
  static boolean saysNothingOfTheEnd(StatusAnswer answer) {
    String word = word(answer);
    return !word.isEmpty() && !FINISHED.contains(word);
  }

  /** Whether the answer has output files. */
  static boolean namesFiles(StatusAnswer answer) {
    return answer.files(FileKind.OUTPUT).filter(output -> !output.isEmpty()).isPresent();
  }

  private static boolean isManifest(StatusAnswer answer) {
    return answer.files(FileKind.OUTPUT).isPresent()
        || answer.said().hasNonNull("transactionTime")
        || answer.path("requiresAccessToken").isBoolean();
  }

  /** The status without regard to case and to what stands between its words, if anything does. */
  private static String word(StatusAnswer answer) {
    return answer
        .path("status")
        .asText("")
        .replaceAll("(?<=\\p{Ll})(?=\\p{Lu})", " ")
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{N}]+", " ")
        .strip();
  }
}
