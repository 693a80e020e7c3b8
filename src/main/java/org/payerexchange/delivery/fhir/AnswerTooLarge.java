package org.payerexchange.delivery.fhir;

import ca.uhn.fhir.rest.server.exceptions.BaseServerResponseException;

/**
 * A Bundle that the FHIR server answers with is larger than is read. It goes the way of a refusal,
 * since a question may be asked in smaller ones.
 */
final class AnswerTooLarge extends BaseServerResponseException {
  private static final long serialVersionUID = 1L;
  private static final int OK = 200;

  /** Says what it exceeds, without any of it. */
  AnswerTooLarge(String what) {
    super(OK, "the FHIR server's answer " + what);
  }
}
