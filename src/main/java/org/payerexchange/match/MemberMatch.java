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
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.hl7.fhir.r4.model.Parameters;
import org.payerexchange.dialect.FieldProblem;
import org.payerexchange.dialect.GatewayRequest;
import org.payerexchange.dialect.MatchOutcome;
import org.payerexchange.dialect.MatchedPatient;
import org.payerexchange.dialect.PathSegment;
import org.payerexchange.dialect.PatientData;
import org.payerexchange.dialect.SingleMatch;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.http.OutcomeCodes;
import org.payerexchange.http.PayerRequest;
import org.payerexchange.http.RequestKind;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.ledger.store.TransferLedger;
import org.payerexchange.payer.LiteralReference;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.PayerUrls;
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
  private static final String PATIENT = "Patient";

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
   * @throws TransferException {@link FailureReason#INCOMPLETE_RECORD} if the member lacks what the
   *     payer is to be told: it was taken in for another dialect
   */
  public PayerRequest request(String formJson, TransferClaim claim) {
    Payer payer = payers.get(claim.payer());
    ObjectNode complete = MatchRequest.complete(given(claim), RegisteredRequest.read(formJson));
    List<FieldProblem> problems = payer.dialect().problems(complete);
    if (!problems.isEmpty()) {
      throw new TransferException(
          FailureReason.INCOMPLETE_RECORD,
          problems.stream().map(FieldProblem::toString).collect(Collectors.joining("; ")));
    }
    GatewayRequest match = single(payer).match(complete);
    return PayerRequest.of(RequestKind.MATCH, payer, match, Set.of(200, 201, 203, NO_MATCH), false);
  }

  /** The claim with when the payer is asked, for what is committed then, be it a failure. */
  public TransferClaim asks(TransferClaim claim) {
    return claim.asked(clock.instant());
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
   * What the answer says.
   *
   * @throws TransferException {@link FailureReason#BAD_ANSWER} if it is no JSON object
   */
  public MatchOutcome outcome(JsonNode answer, TransferClaim claim) {
    if (answer == null || !answer.isObject()) {
      throw new TransferException(
          FailureReason.BAD_ANSWER, "the answer to $member-match is no JSON object");
    }
    MatchOutcome read = single(payers.get(claim.payer())).outcome(answer);
    if (read.noMatch().isEmpty() && read.patient().isEmpty() && read.groupIds().isEmpty()) {
      throw new TransferException(
          FailureReason.NO_GROUP_ID,
          "no groupId in the answer " + RedactedJson.of(answer, FieldNames.of(r4)));
    }
    return read;
  }

  /**
   * Whether the answer names the member by an identifier alone, so that its Patient is looked for.
   */
  public boolean isToBeFound(MatchOutcome outcome, TransferClaim claim) {
    return outcome
        .patient()
        .filter(patient -> patientId(patient, payers.get(claim.payer())).isEmpty())
        .isPresent();
  }

  /**
   * The request that looks for the member's Patient.
   *
   * @throws TransferException {@link FailureReason#BAD_ANSWER} if there is no identifier, and the
   *     Patient that is named is none of the payer's own
   */
  public PayerRequest find(MatchOutcome outcome, TransferClaim claim) {
    Payer payer = payers.get(claim.payer());
    MatchedPatient patient = outcome.patient().orElseThrow();
    if (patient.value().isEmpty()) {
      throw new TransferException(
          FailureReason.BAD_ANSWER,
          "the answer to $member-match names a Patient that is not below base-url, and no identifier");
    }
    return PayerRequest.of(
        RequestKind.MATCH, payer, data(payer).find(patient), PayerRequest.WHOLE, false);
  }

  /**
   * The outcome with the Patient that was found.
   *
   * @throws TransferException {@link FailureReason#BAD_ANSWER} if none has the identifier, or
   *     another person
   */
  public MatchOutcome found(JsonNode bundle, MatchOutcome outcome, TransferClaim claim) {
    List<String> ids =
        data(payers.get(claim.payer()))
            .found(bundle, outcome.patient().orElseThrow(), given(claim));
    if (ids.size() > 1) {
      return MatchOutcome.none(FailureReason.AMBIGUOUS_MATCH);
    }
    return ids.stream()
        .findFirst()
        .map(id -> MatchOutcome.of(new MatchedPatient(PATIENT + "/" + id, "", "")))
        .orElseThrow(
            () ->
                new TransferException(
                    FailureReason.BAD_ANSWER,
                    "the payer finds no Patient with the identifier that it answered the match with"));
  }

  /**
   * Commits the match with one export job for each group, or for the Patient, or its end where the
   * payer says that nobody matched.
   *
   * @return how many jobs there are; 0 if nobody matched or another node has the transfer by now
   * @throws TransferException {@link FailureReason#TOO_LARGE} if the answer names too many groups
   */
  public int matched(MatchOutcome outcome, TransferClaim claim) {
    if (outcome.noMatch().isPresent()) {
      ledger.noMatch(claim, outcome.noMatch().get(), "the payer's answer says so");
      return 0;
    }
    if (outcome.patient().isPresent()) {
      Payer payer = payers.get(claim.payer());
      String id = patientId(outcome.patient().get(), payer).orElseThrow();
      return ledger.matchedPatient(claim, id, isReadByPages(data(payer))) ? 1 : 0;
    }
    if (outcome.groupIds().size() > maxGroups) {
      throw new TransferException(
          FailureReason.TOO_LARGE,
          "the answer to $member-match names %s groups, p2p.match.max-groups is %s"
              .formatted(outcome.groupIds().size(), maxGroups));
    }
    return ledger.matched(claim, outcome.groupIds()) ? outcome.groupIds().size() : 0;
  }

  private static boolean isReadByPages(PatientData data) {
    return !data.way().equals(Optional.of(PatientData.Way.EXPORT));
  }

  /** That of another server has an id of that server. */
  private static Optional<String> patientId(MatchedPatient patient, Payer payer) {
    return LiteralReference.of(LiteralReference.trimmed(patient.reference()))
        .filter(named -> named.type().equals(PATIENT))
        .filter(named -> named.prefix().isEmpty() || PayerUrls.isBase(payer, named.prefix()))
        .map(LiteralReference::id)
        .filter(PathSegment::isSafe);
  }

  private static PatientData data(Payer payer) {
    return payer.dialect().patientData().orElseThrow(MemberMatch::changed);
  }

  /** The dialect may have been changed since the member was taken in. */
  private static SingleMatch single(Payer payer) {
    return payer.dialect().singleMatch().orElseThrow(MemberMatch::changed);
  }

  private static TransferException changed() {
    return new TransferException(
        FailureReason.UNKNOWN_PAYER, "the payer is no longer asked for one member at a time");
  }

  private static ObjectNode given(TransferClaim claim) {
    return RegisteredRequest.read(claim.requestJson());
  }
}
