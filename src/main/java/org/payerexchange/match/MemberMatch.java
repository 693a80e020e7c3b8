package org.payerexchange.match;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.DataFormatException;
import ca.uhn.fhir.parser.IParser;
import ca.uhn.fhir.parser.LenientErrorHandler;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hl7.fhir.r4.model.Parameters;
import org.payerexchange.http.OutcomeCodes;
import org.payerexchange.http.PayerRequest;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.ledger.TransferLedger;
import org.payerexchange.payer.FailureReason;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;
import org.payerexchange.payer.TransferException;

/**
 * The decisions of the route {@code match-member}: {@code $member-match} as the 1upHealth page
 * prints it, complete enough for HRex 1.2.0.
 */
public final class MemberMatch {
  private static final String PATH = "/member-match/$member-match";
  private static final int NO_MATCH = 422;

  private final Payers payers;
  private final TransferLedger ledger;
  private final FhirContext fhir;
  private final Clock clock;

  /** The bean {@code memberMatch}. */
  public MemberMatch(Payers payers, TransferLedger ledger, FhirContext fhir, Clock clock) {
    this.payers = payers;
    this.ledger = ledger;
    this.fhir = fhir;
    this.clock = clock;
  }

  /**
   * What is asked.
   *
   * @throws TransferException {@link FailureReason#CONSENT_EXPIRED} if the consent's last day (UTC)
   *     is over
   */
  public Parameters parameters(TransferClaim claim) {
    LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    if (claim.consentEnd() != null && claim.consentEnd().isBefore(today)) {
      throw new TransferException(
          FailureReason.CONSENT_EXPIRED, "the consent ended on " + claim.consentEnd());
    }
    Parameters parameters = parse(claim.requestJson());
    MatchRequest.complete(parameters, claim.payer());
    return parameters;
  }

  /** The request with the marshalled parameters; 422 is an answer, too. */
  public PayerRequest request(String parametersJson, TransferClaim claim) {
    Payer payer = payers.get(claim.payer());
    return PayerRequest.post(
        payer,
        URI.create(payer.baseUrl() + PATH),
        Map.of("Accept", "application/fhir+json, application/json"),
        parametersJson,
        "application/json",
        Set.of(200, 201, NO_MATCH));
  }

  /** Ends the transfer: the payer knows no such member, several, or refuses the consent. */
  public boolean noMatch(InputStream answer, TransferClaim claim) throws IOException {
    return ledger.noMatch(claim, "payer answered 422" + OutcomeCodes.in(answer));
  }

  /**
   * Commits the match with one export job for each group.
   *
   * @return the group ids, none if another node has the transfer by now
   * @throws TransferException {@link FailureReason#NO_GROUP_ID} if the answer names no group
   */
  public List<String> matched(JsonNode answer, TransferClaim claim) {
    if (answer == null || !answer.isObject()) {
      throw new TransferException(
          FailureReason.BAD_ANSWER, "the answer to $member-match is no JSON object");
    }
    List<String> groupIds = MatchAnswer.read(answer).groupIds();
    if (groupIds.isEmpty()) {
      throw new TransferException(
          FailureReason.NO_GROUP_ID, "no groupId in the answer " + RedactedJson.of(answer));
    }
    return ledger.matched(claim, groupIds) ? groupIds : List.of();
  }

  private Parameters parse(String json) {
    try {
      IParser parser = fhir.newJsonParser();
      parser.setParserErrorHandler(new LenientErrorHandler(false));
      return parser.parseResource(Parameters.class, json);
    } catch (DataFormatException e) {
      throw new TransferException(
          FailureReason.INTERNAL, "the registered request is not FHIR R4 Parameters");
    }
  }
}
