package org.payerexchange.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a payer's gateway speaks: what is asked, and what its answers say in a way of their own. What
 * all servers of FHIR Bulk Data Access have in common is not read here: {@code Content-Location},
 * 202 and {@code Retry-After}, an OperationOutcome, the manifest's files.
 */
public interface Dialect {
  /** The value of {@code p2p.payers.<id>.dialect}. */
  String key();

  /**
   * How many members are asked for at once; empty for a gateway that is asked for one at a time, by
   * {@link #match}.
   */
  default Optional<BulkMatch> bulkMatch() {
    return Optional.empty();
  }

  /** Hosts that answers name but that are reached at the base URL, if no others are configured. */
  Set<String> aliasHosts();

  /**
   * The request that asks for a member.
   *
   * @param parameters FHIR {@code Parameters}: MemberPatient, CoverageToMatch, Consent and perhaps
   *     CoverageToLink
   */
  GatewayRequest match(JsonNode parameters);

  /** What a JSON object says that answers a match. */
  MatchOutcome outcome(JsonNode answer);

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
  JobReference job(URI baseUrl, JsonNode answer, byte[] body);

  /**
   * What the answer to a status request says beside its HTTP status and its files.
   *
   * @param answer a JSON object, its lists of files apart
   */
  JobReport report(JsonNode answer);

  /**
   * Finds the dialect that a configuration names.
   *
   * @param key the value of {@code p2p.payers.<id>.dialect}, in any case
   * @throws IllegalArgumentException if there is no such dialect; the message names those that are
   */
  static Dialect of(String key) {
    List<Dialect> all = List.of(new OneUp());
    return all.stream()
        .filter(dialect -> dialect.key().equals(key.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown dialect '%s', known are: %s"
                        .formatted(
                            key,
                            all.stream().map(Dialect::key).collect(Collectors.joining(", ")))));
  }
}
