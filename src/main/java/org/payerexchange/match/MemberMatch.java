package org.payerexchange.match;

import ca.uhn.fhir.context.FhirContext;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import org.hl7.fhir.r4.model.Parameters;
import org.payerexchange.dialect.GatewayRequest;
import org.payerexchange.dialect.MatchOutcome;
import org.payerexchange.dialect.SingleMatch;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.http.OutcomeCodes;
import org.payerexchange.http.PayerRequest;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.ledger.TransferLedger;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;
import org.payerexchange.step.ConsentDays;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * The decisions of the route {@code match-member}: {@code $member-match} as the payer's dialect has
 * it, complete enough for HRex 1.2.0.
 */
public final class MemberMatch {
  private static final int NO_MATCH = 422;

  private final Payers payers;
  private final TransferLedger ledger;
  private final Clock clock;
  private final FhirContext r4;
  private final int maxGroups;

  /**
   * The bean {@code memberMatch}.
   *
   * @param maxGroups how many groups of one answer are exported at most
   * @param r4 knows the names of FHIR's elements
   */
  public MemberMatch(
      Payers payers, TransferLedger ledger, Clock clock, int maxGroups, FhirContext r4) {
    this.payers = payers;
    this.ledger = ledger;
    this.clock = clock;
    this.maxGroups = maxGroups;
    this.r4 = r4;
  }

  /**
   * The form of what is asked, without what the sender said.
   *
   * @throws TransferException {@link FailureReason#CONSENT_EXPIRED} if the consent's last day (UTC)
   *     is over
   */
  public Parameters parameters(TransferClaim claim) {
    if (ConsentDays.isOver(claim.consentEnd(), clock)) {
      throw new TransferException(
          FailureReason.CONSENT_EXPIRED, "the consent ended on " + claim.consentEnd());
    }
    return MatchRequest.form(given(claim), claim.payer());
  }

  /**
   * The request with the parameters that were taken in; 422 is an answer, too.
   *
   * @param formJson what is filled in where the sender said nothing
   */
  public PayerRequest request(String formJson, TransferClaim claim) {
    Payer payer = payers.get(claim.payer());
    GatewayRequest match =
        single(payer).match(MatchRequest.complete(given(claim), RegisteredRequest.read(formJson)));
    return PayerRequest.of(payer, match, Set.of(200, 201, NO_MATCH), false);
  }

  /** Ends the transfer: the payer knows no such member, several, or refuses the consent. */
  public boolean refused(byte[] answer, TransferClaim claim) throws IOException {
    JsonNode outcome;
    try {
      outcome = JsonLimits.mapper().readTree(answer);
    } catch (JsonProcessingException notJson) {
      outcome = MissingNode.getInstance();
    }
    return ledger.noMatch(
        claim,
        Refusal.reason(outcome),
        "payer answered 422"
            + OutcomeCodes.in(new ByteArrayInputStream(answer), claim.requestJson()));
  }

  /**
   * Commits the match with one export job for each group, or its end where the payer says that
   * nobody matched.
   *
   * @return the group ids, none if nobody matched or another node has the transfer by now
   * @throws TransferException {@link FailureReason#NO_GROUP_ID} if the answer names no group,
   *     {@link FailureReason#TOO_LARGE} if it names too many
   */
  public List<String> matched(JsonNode answer, TransferClaim claim) {
    if (answer == null || !answer.isObject()) {
      throw new TransferException(
          FailureReason.BAD_ANSWER, "the answer to $member-match is no JSON object");
    }
    MatchOutcome read = single(payers.get(claim.payer())).outcome(answer);
    if (read.noMatch().isPresent()) {
      ledger.noMatch(claim, read.noMatch().get(), "the payer's answer says so");
      return List.of();
    }
    if (read.groupIds().isEmpty()) {
      throw new TransferException(
          FailureReason.NO_GROUP_ID,
          "no groupId in the answer " + RedactedJson.of(answer, FieldNames.of(r4)));
    }
    if (read.groupIds().size() > maxGroups) {
      throw new TransferException(
          FailureReason.TOO_LARGE,
          "the answer to $member-match names %d groups, p2p.match.max-groups is %d"
              .formatted(read.groupIds().size(), maxGroups));
    }
    return ledger.matched(claim, read.groupIds()) ? read.groupIds() : List.of();
  }

  /** The dialect may have been changed since the member was taken in. */
  private static SingleMatch single(Payer payer) {
    return payer
        .dialect()
        .singleMatch()
        .orElseThrow(
            () ->
                new TransferException(
                    FailureReason.UNKNOWN_PAYER,
                    "the payer is no longer asked for one member at a time"));
  }

  private static ObjectNode given(TransferClaim claim) {
    return RegisteredRequest.read(claim.requestJson());
  }
}
