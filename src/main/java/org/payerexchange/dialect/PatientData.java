package org.payerexchange.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How the data of one of a payer's Patients is had, rather than that of a Group (HRex 1.2). */
public interface PatientData {
  /** The ways in which it can be had; the names are stored, so that they never change. */
  enum Way {
    /** By an export of the Patient (FHIR Bulk Data Access, {@code Patient/$export}). */
    EXPORT,
    /** By {@code Patient/<id>/$everything}, in pages. */
    EVERYTHING,
    /** By searches, a type at a time, in pages. */
    SEARCH
  }

  /**
   * The request that looks for a Patient by the identifier of a match.
   *
   * @param patient with a value
   */
  GatewayRequest find(MatchedPatient patient);

  /**
   * The id of the Patient that an answer to {@link #find} holds.
   *
   * @param bundle the answer
   * @param parameters that the member was taken in with
   * @return each Patient with that identifier once
   * @throws org.payerexchange.step.TransferException {@link
   *     org.payerexchange.step.FailureReason#BAD_ANSWER} if the only one is another person
   */
  List<String> found(JsonNode bundle, MatchedPatient patient, JsonNode parameters);

  /** The way that is set; empty: as the payer says of itself. */
  Optional<Way> way();

  /** The request for what the payer says of itself. */
  GatewayRequest capabilities();

  /**
   * The way that a payer has.
   *
   * @param statement its CapabilityStatement, or whatever it answered
   */
  Way way(JsonNode statement);

  /**
   * The request that starts an export.
   *
   * @param patientId the payer's
   * @throws IllegalArgumentException if the id is not {@linkplain PathSegment#isSafe safe}
   */
  GatewayRequest export(String patientId, ExportLimits limits);

  /**
   * What is read page by page, in this order, always the same.
   *
   * @param patientId the payer's
   * @param types resource types, separated by commas; empty: all that is promised
   * @throws IllegalArgumentException if the id is not {@linkplain PathSegment#isSafe safe}
   */
  List<PageSource> pages(Way way, String patientId, String types);

  /** The headers of a request for a page, or for a resource. */
  Map<String, String> headers();
}
