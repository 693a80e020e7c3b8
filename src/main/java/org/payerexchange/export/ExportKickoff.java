package org.payerexchange.export;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.payerexchange.dialect.BulkMatch;
import org.payerexchange.dialect.Dialect;
import org.payerexchange.dialect.ExportLimits;
import org.payerexchange.dialect.GatewayRequest;
import org.payerexchange.dialect.JobReference;
import org.payerexchange.dialect.PathSegment;
import org.payerexchange.http.PayerRequest;
import org.payerexchange.http.RequestKind;
import org.payerexchange.http.RetryAfter;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.JobKind;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;
import org.payerexchange.step.ConsentDays;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/** Starts a payer's export of one group (FHIR Bulk Data Access 2, "Bulk Data Kick-off Request"). */
public final class ExportKickoff {
  private final Payers payers;
  private final ExportScopes scopes;
  private final PollSchedule schedule;
  private final Clock clock;

  /**
   * The steps of a kick-off.
   *
   * @param payers where to call
   * @param scopes what to ask for
   * @param schedule when the first poll is due
   * @param clock tells the day on which a consent ends, in UTC
   */
  public ExportKickoff(Payers payers, ExportScopes scopes, PollSchedule schedule, Clock clock) {
    this.payers = payers;
    this.scopes = scopes;
    this.schedule = schedule;
    this.clock = clock;
  }

  /**
   * What the export is to be limited to.
   *
   * @throws TransferException {@link FailureReason#CONSENT_EXPIRED} if nobody is left whom a shared
   *     export is for, {@link FailureReason#UNKNOWN_PAYER} if the payer's dialect has no such
   *     export
   */
  public KickoffScope scope(ExportJobClaim claim) {
    return shared(payers.get(claim.payer()), claim)
        .flatMap(bulk -> scopes.ofShared(claim, ConsentDays.today(clock)))
        .orElseGet(() -> scopes.of(claim));
  }

  /**
   * The request that starts the export. Its answer is a live stream: where a {@code
   * Content-Location} names the job, what becomes of the body does not matter.
   *
   * @throws TransferException {@link FailureReason#CONSENT_EXPIRED} if the consent's last day is
   *     over by now, {@link FailureReason#NO_GROUP_ID} if the payer's groupId cannot stand in a
   *     URL, {@link FailureReason#UNKNOWN_PAYER} if the payer's dialect has no export of one
   *     Patient
   */
  public PayerRequest request(ExportJobClaim claim, KickoffScope scope) {
    if (ConsentDays.isOver(claim.consentEnd(), clock)) {
      throw new TransferException(
          FailureReason.CONSENT_EXPIRED, "the consent ended before the export was started");
    }
    if (!PathSegment.isSafe(claim.groupId())) {
      throw new TransferException(
          FailureReason.NO_GROUP_ID, "the payer's groupId is not an id that can stand in a URL");
    }
    Payer payer = payers.get(claim.payer());
    GatewayRequest kickoff =
        shared(payer, claim)
            .map(bulk -> bulk.kickoff(claim.groupId(), scope.limits(), scope.patients()))
            .orElseGet(() -> kickoff(payer, claim, scope.limits()));
    return PayerRequest.of(RequestKind.KICK_OFF, payer, kickoff, handled(payer, scope), true);
  }

  private static GatewayRequest kickoff(Payer payer, ExportJobClaim claim, ExportLimits limits) {
    return claim.patientId() == null
        ? payer.dialect().kickoff(claim.groupId(), limits)
        : payer
            .dialect()
            .patientData()
            .orElseThrow(() -> changed("by the Patient"))
            .export(claim.patientId(), limits);
  }

  /** In another way nobody could be named, and those who have left would come along. */
  private static Optional<BulkMatch> shared(Payer payer, ExportJobClaim claim) {
    return claim.kind() == JobKind.SHARED
        ? Optional.of(bulk(payer).orElseThrow(() -> changed("for many members at once")))
        : Optional.empty();
  }

  /** The dialect may have been changed since the match. */
  private static TransferException changed(String how) {
    return new TransferException(
        FailureReason.UNKNOWN_PAYER,
        "the payer is no longer asked %s: put its dialect back and retry, or send the record anew"
            .formatted(how));
  }

  /** A refusal is the caller's where something may be left out. */
  private static Set<Integer> handled(Payer payer, KickoffScope scope) {
    return IntStream.concat(
            ExportPoll.SUCCESS.stream().mapToInt(status -> status),
            IntStream.range(400, 500).filter(status -> less(payer, scope, status).isPresent()))
        .boxed()
        .collect(Collectors.toSet());
  }

  private static Optional<ExportLimits> less(Payer payer, KickoffScope scope, int status) {
    return bulk(payer).flatMap(bulk -> bulk.afterRefusal(status, scope.limits()));
  }

  /** Whether the payer refuses what it is asked for, and may be asked for less. */
  public boolean isRefused(int status) {
    return status >= 400;
  }

  /**
   * What is asked for once more after a refusal: payers need not know a filter (PDex 2.2). The next
   * export begins where this one would have.
   */
  public KickoffScope less(ExportJobClaim claim, KickoffScope scope, int status) {
    return less(payers.get(claim.payer()), scope, status)
        .map(fewer -> scope.within(fewer, "the payer refused type-filter: nothing was filtered"))
        .orElse(scope);
  }

  private static Optional<BulkMatch> bulk(Payer payer) {
    return payer.dialect().bulkMatch();
  }

  /**
   * The job that a {@code Content-Location} names.
   *
   * @throws TransferException as {@link ContentLocation#job}
   */
  public JobReference jobOfHeader(ExportJobClaim claim, String contentLocation) {
    Payer payer = payers.get(claim.payer());
    return ContentLocation.job(payer, asked(payer, claim), contentLocation);
  }

  /**
   * The job that an answer without {@code Content-Location} names.
   *
   * @throws TransferException as {@link Dialect#job} and {@link ContentLocation#job}
   */
  public JobReference jobOfBody(ExportJobClaim claim, JsonNode outcome, byte[] body) {
    Payer payer = payers.get(claim.payer());
    return ContentLocation.job(
        payer, asked(payer, claim), payer.dialect().job(payer.baseUrl(), outcome, body));
  }

  private static URI asked(Payer payer, ExportJobClaim claim) {
    return kickoff(payer, claim, ExportLimits.NONE).at(payer.baseUrl());
  }

  /** What a release is to the ledger, whose end says nothing of the kick-off or of the payer. */
  public ExportJobClaim courtesy(ExportJobClaim claim) {
    return claim.forRelease();
  }

  /** The request that gives up a job which the ledger has no use for. */
  public PayerRequest release(ExportJobClaim claim, JobReference job) {
    return ExportPoll.release(payers.get(claim.payer()), job.statusUrl());
  }

  /**
   * How long to wait for the first poll.
   *
   * @param retryAfter the answer's {@code Retry-After}, null for none
   * @param date the answer's {@code Date}, null for none
   */
  public Duration firstPollIn(String retryAfter, String date) {
    return schedule.next(clock.instant(), 0, RetryAfter.parse(retryAfter, date, clock));
  }
}
