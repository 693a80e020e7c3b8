package org.payerexchange.ledger.store;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.EventType;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.Failure;
import org.payerexchange.ledger.JobState;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.SplitClaim;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.Claim;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Stage;

/** What any step can come to beside its success. */
public final class StepLedger {
  /** With these the payer's answer is known: nothing was kicked off. */
  private static final Set<FailureReason> NOT_KICKED_OFF =
      EnumSet.of(
          FailureReason.TOKEN_REFUSED,
          FailureReason.CREDENTIALS_UNUSABLE,
          FailureReason.PAYER_BUSY,
          FailureReason.PAYER_REFUSED);

  /** With these it did not bear the call. */
  private static final Set<FailureReason> TOO_MUCH =
      EnumSet.of(FailureReason.PAYER_UNAVAILABLE, FailureReason.PAYER_BUSY);

  /** With these a poll was answered, and the job is not going to be had if it stays so. */
  private static final Set<FailureReason> REFUSED_POLL =
      EnumSet.of(FailureReason.JOB_FAILED, FailureReason.BAD_ANSWER);

  private final Leases leases;
  private final UnaryOperator<String> memberKey;

  /**
   * Works on the claims of one node, and fails those that end one process after the other.
   *
   * @param memberKey as {@link TransferLedger} has it
   */
  public StepLedger(Leases leases, UnaryOperator<String> memberKey) {
    this.leases = leases;
    this.memberKey = memberKey;
    leases.whenGivenUp(claim -> fail(claim, FailureReason.INTERNAL, LostEnds.WORDS));
  }

  /** Leaves a step alone that is another node's by now. */
  public void leave(Claim claim) {
    leases.leave(claim);
  }

  /**
   * Has the step tried again. A payer that did not bear its call gets fewer at once from now on. A
   * refusal is tried again only where it was one of a token that the payer had just given.
   *
   * @param detail what happened, without PHI
   * @param request the X-Request-ID of the step's latest request, or null
   */
  public boolean retryLater(
      Claim claim, FailureReason reason, String detail, Duration in, String request) {
    return again(
        claim,
        reason,
        detail,
        request,
        leases.update(claim).due(in).countFailure(reason == FailureReason.PAYER_REFUSED));
  }

  /** The same for a step that asked for nothing. */
  public boolean retryLater(Claim claim, FailureReason reason, String detail, Duration in) {
    return retryLater(claim, reason, detail, in, null);
  }

  /**
   * Has the step wait for what its payer or sink is held for. It grows no older, and the failure is
   * not counted.
   *
   * @param detail what happened, without PHI
   */
  public boolean holdBack(Claim claim, FailureReason reason, String detail) {
    return again(
        claim, reason, detail, null, leases.update(claim).due(Duration.ZERO).keepFailures());
  }

  private boolean again(
      Claim claim, FailureReason reason, String detail, String request, ClaimedUpdate update) {
    return leases.transition(
        claim,
        transfer -> {
          transfer.failedAt(request);
          if (!claim.stage().isCourtesy()) {
            transfer.event(
                EventType.RETRY_LATER,
                "%s: %s".formatted(claim.inWords(), new Failure(reason, detail)));
          }
          if (endsSomething(claim.stage())) {
            update.because(reason, detail);
          }
          if (!reason.isOfTokens()) {
            transfer.asked(askedAt(claim));
          } else if (claim.stage() == Stage.MATCH_BATCH) {
            leases.fanIn().members().notAsked((ExportJobClaim) claim);
          }
          if (claim.stage().isKickoff() && NOT_KICKED_OFF.contains(reason)) {
            update.set("kickoff_started_at", null);
          }
          if (claim.stage().isPoll() && REFUSED_POLL.contains(reason)) {
            update.setTo("refused_polls = refused_polls + 1");
          }
          boolean retried = update.run(transfer);
          if (retried && claim instanceof OutputFileClaim file) {
            // another file of the job has its turn meanwhile
            transfer.steps().addDownload(transfer.job(file.jobId()));
          }
          if (retried
              && claim.stage().callsPayer()
              && !claim.stage().isCourtesy()
              && TOO_MUCH.contains(reason)) {
            leases.pace().lower(claim.payer());
          }
          return retried;
        });
  }

  /**
   * Gives the step up: the transfer, job, file or delivery fails, and with the last open one the
   * job and the transfer end. So does a transfer that was to be complete with its outcome; any
   * other outcome, or a release, is dropped without changing any state.
   *
   * @param detail what happened, without PHI
   */
  public boolean fail(Claim claim, FailureReason reason, String detail) {
    return fail(claim, reason, detail, null);
  }

  /**
   * The same, after a request.
   *
   * @param request the X-Request-ID of the step's latest request, or null
   */
  public boolean fail(Claim claim, FailureReason reason, String detail, String request) {
    boolean failed =
        leases.transition(
            claim,
            transfer -> {
              transfer.failedAt(request);
              return switch (claim.stage()) {
                case MEMBER_MATCH -> matchFailed(transfer, (TransferClaim) claim, reason, detail);
                case MATCH_BATCH, MATCH_POLL, EXPORT_KICKOFF, RETRIEVE, EXPORT_POLL ->
                    leases
                        .fanIn()
                        .jobFailed(
                            transfer, (ExportJobClaim) claim, JobState.FAILED, reason, detail);
                case SPLIT, SPLIT_TYPES ->
                    leases.fanIn().splitFailed(transfer, (SplitClaim) claim, reason, detail);
                case DOWNLOAD ->
                    leases.fanIn().fileFailed(transfer, (OutputFileClaim) claim, reason, detail);
                case DELIVER ->
                    leases.fanIn().deliveryFailed(transfer, (DeliveryClaim) claim, reason, detail);
                case OUTCOME -> outcomeGivenUp(transfer, claim, reason, detail);
                case RELEASE ->
                    givenUp(transfer, claim, EventType.RELEASE_GIVEN_UP, reason, detail);
              };
            });
    leases.someAreDue();
    return failed;
  }

  private static Instant askedAt(Claim claim) {
    return claim instanceof TransferClaim match ? match.askedAt() : null;
  }

  /** Prolongs the lease of a step that takes longer; {@code false}: another node has it, stop. */
  public boolean renew(Claim claim) {
    return leases.renew(claim);
  }

  /** Whether a step is still this node's. */
  public boolean holds(Claim claim) {
    return leases.holds(claim);
  }

  /** Hands an unfinished step back, due at once; nothing is counted as a failure. */
  public boolean release(Claim claim) {
    return leases.update(claim).due(Duration.ZERO).keepFailures().runAlone();
  }

  /** An outcome or a release that fails says nothing about the transfer or the job. */
  private static boolean endsSomething(Stage stage) {
    return stage != Stage.OUTCOME && stage != Stage.RELEASE;
  }

  /** A payer whose dialect was changed since may be asked for many members at once. */
  private boolean matchFailed(
      LockedTransfer transfer, TransferClaim claim, FailureReason reason, String detail) {
    Batches.Rule rule = leases.gathered().get(claim.payer());
    if (reason != FailureReason.UNKNOWN_PAYER || rule == null) {
      return transferFailed(transfer, claim, reason, detail);
    }
    boolean joins = leases.update(claim).atRest().run(transfer);
    if (joins) {
      transfer.event(EventType.ASKED_OTHERWISE, detail);
      leases
          .fanIn()
          .members()
          .batches()
          .join(
              claim.payer(),
              rule,
              new Batches.Joining(transfer.id(), memberKey.apply(claim.requestJson())));
    }
    return joins;
  }

  private boolean transferFailed(
      LockedTransfer transfer, Claim claim, FailureReason reason, String detail) {
    boolean ended = leases.update(claim).atRest().run(transfer);
    if (ended) {
      transfer.asked(reason.isOfTokens() ? null : askedAt(claim));
      transfer.end(TransferState.FAILED, new Failure(reason, detail));
    }
    return ended;
  }

  /** Without its manifest a transfer is not complete. */
  private boolean outcomeGivenUp(
      LockedTransfer transfer, Claim claim, FailureReason reason, String detail) {
    if (transfer.state() != TransferState.MATCHED) {
      return givenUp(transfer, claim, EventType.OUTCOME_GIVEN_UP, reason, detail)
          && leases.fanIn().releaseJobs(transfer);
    }
    return transferFailed(transfer, claim, reason, detail);
  }

  private boolean givenUp(
      LockedTransfer transfer, Claim claim, EventType event, FailureReason reason, String detail) {
    transfer.event(event, reason + ": " + detail);
    return claim.stage() == Stage.RELEASE
        ? leases.fanIn().afterRelease(transfer, claim, leases.update(claim))
        : leases.update(claim).atRest().run(transfer);
  }
}
