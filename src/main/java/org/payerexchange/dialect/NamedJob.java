package org.payerexchange.dialect;

/**
 * A job as the body of an answer names it.
 *
 * @param jobId the payer's id of the job; null if the answer has but the URL
 * @param statusUrl where to ask for it, absolute or relative to what was asked, before it is
 *     checked whether it may be called
 */
public record NamedJob(String jobId, String statusUrl) {
  /** Not the URL, which may hold ids. */
  @Override
  public String toString() {
    return "NamedJob";
  }
}
