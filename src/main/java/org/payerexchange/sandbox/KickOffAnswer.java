package org.payerexchange.sandbox;

/** How the answer to {@code $export} names the job. */
public enum KickOffAnswer {
  /**
   * As the gateway's documentation prints it: HTTP 200, the job at the end of an OperationOutcome's
   * text.
   */
  OPERATION_OUTCOME,
  /** As FHIR Bulk Data Access says: HTTP 202 with a Content-Location. */
  CONTENT_LOCATION
}
