package org.payerexchange.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How a payer's gateway speaks: what is asked, and what its answers say in a way of their own. What
 * all servers of FHIR Bulk Data Access have in common is not read here: {@code Content-Location},
 * 202 and {@code Retry-After}, an OperationOutcome, the manifest's files.
 */
public interface Dialect {
  /** The value of {@code p2p.payers.<id>.dialect}. */
  String key();

  /** How members are asked for one at a time; empty if they are not. */
  default Optional<SingleMatch> singleMatch() {
    return Optional.empty();
  }

  /** How many members are asked for at once; empty if they are not. */
  default Optional<BulkMatch> bulkMatch() {
    return Optional.empty();
  }

  /** How the data of one of the payer's Patients is had; empty for a payer that matches Groups. */
  default Optional<PatientData> patientData() {
    return Optional.empty();
  }

  /**
   * What a member lacks, so that it cannot be asked for.
   *
   * @param parameters FHIR {@code Parameters} as they were taken in
   * @return empty if it can be
   */
  default List<FieldProblem> problems(JsonNode parameters) {
    return List.of();
  }

  /** Hosts that answers name but that are reached at the base URL, if no others are configured. */
  default Set<String> aliasHosts() {
    return Set.of();
  }

  /**
   * The types that exports ask for, separated by commas, if no others are configured; empty: all.
   */
  default String usualTypes() {
    return "";
  }

  /**
   * The request that starts the export of a group.
   *
   * @param groupId the payer's
   * @throws IllegalArgumentException if the id is not {@linkplain PathSegment#isSafe safe}
   */
  GatewayRequest kickoff(String groupId, ExportLimits limits);

  /**
   * The job that the answer to a kick-off names without a {@code Content-Location}.
   *
   * @param baseUrl the payer's, without a trailing slash
   * @param answer the body as JSON, an empty object where it is none
   * @param body the body as it came
   * @throws org.payerexchange.step.TransferException {@link
   *     org.payerexchange.step.FailureReason#PAYER_REFUSED} if it names no job: asking again could
   *     start a job each time
   */
  NamedJob job(URI baseUrl, JsonNode answer, byte[] body);

  /**
   * What the answer to a status request says beside its HTTP status and its files.
   *
   * @param answer a JSON object, its lists of files apart
   */
  JobReport report(JsonNode answer);
}
