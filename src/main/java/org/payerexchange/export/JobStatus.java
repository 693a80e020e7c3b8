package org.payerexchange.export;

import org.payerexchange.dialect.JobWord;
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

  /**
   * Decides. An HTTP status of 200 alone is not the end where the body has a word for the state; a
   * body without one that has what a manifest has is the standard's manifest (FHIR Bulk Data Access
   * 2, "Response - Complete Status").
   *
   * @param httpStatus any 2xx, 404 or 410; any other if it stood in {@code X-Export-Status}
   * @param answer the body; an empty object where there is none
   * @param word what the gateway calls the job's state
   */
  public static JobStatus of(int httpStatus, StatusAnswer answer, JobWord word) {
    if (httpStatus == 404 || httpStatus == 410) {
      return GONE;
    }
    if (httpStatus >= 400) {
      return httpStatus == 429 || httpStatus == 503 || OutcomeCodes.of(answer.said()).mayPass()
          ? TROUBLED
          : REFUSED;
    }
    if (httpStatus == 202 && word != JobWord.FAILED) {
      return word == JobWord.FINISHED && namesFiles(answer) ? UNKNOWN : RUNNING;
    }
    return switch (word) {
      case AT_WORK -> RUNNING;
      case FINISHED -> SUCCESSFUL;
      case FAILED -> FAILED;
      case UNKNOWN -> UNKNOWN;
      case NONE -> withoutWord(answer);
    };
  }

  private static JobStatus withoutWord(StatusAnswer answer) {
    OutcomeCodes outcome = OutcomeCodes.of(answer.said());
    if (outcome.isOutcome()) {
      return !outcome.isError() ? RUNNING : outcome.mayPass() ? TROUBLED : REFUSED;
    }
    return isManifest(answer) ? SUCCESSFUL : UNREADABLE;
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
}
