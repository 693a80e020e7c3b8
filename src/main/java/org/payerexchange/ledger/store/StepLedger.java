package org.payerexchange.ledger.store;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;
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
import org.payerexchange.step.RetryDecision;
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

  /** What becomes of a step could not be recorded, so that it is still this node's. */
  void notRecorded(Claim claim) {
    leases.notRecorded(claim);
  }

  /** Leaves a step alone that is another node's by now. */
  public void leave(Claim claim) {
    leases.leave(claim);
  }

  /**
   * Has the step tried again. A payer that did not bear its call gets fewer at once from now on. A
   * refusal is tried again only where it was one of a token that the payer had just given.
   *
   * @param why what happened, without PHI
   */
  public boolean retryLater(Claim claim, RetryDecision why) {
    return again(
        claim,
        why,
        () ->
            leases
                .update(claim)
                .due(why.in())
                .countFailure(why.reason() == FailureReason.PAYER_REFUSED));
  }

  /** The same for a step whose requests have no id. */
  public boolean retryLater(Claim claim, FailureReason reason, String detail, Duration in) {
    return retryLater(
        claim, new RetryDecision(RetryDecision.Action.RETRY, in, Duration.ZERO, reason, detail));
  }

  /**
   * Has the step wait for what its payer or sink is held for. It grows no older, and the failure is
   * not counted.
   *
   * @param detail what happened, without PHI
   */
  public boolean holdBack(Claim claim, FailureReason reason, String detail) {
    return again(
        claim,
        new RetryDecision(RetryDecision.Action.HOLD, Duration.ZERO, Duration.ZERO, reason, detail),
        () -> leases.update(claim).due(Duration.ZERO).keepFailures());
  }

  private boolean again(Claim claim, RetryDecision why, Supplier<ClaimedUpdate> change) {
    FailureReason reason = why.reason();
    String detail = why.detail();
    return leases.transition(
        claim,
        transfer -> {
          ClaimedUpdate update = change.get();
          transfer.failedAt(why.request());
          if (!claim.stage().isCourtesy()) {
            transfer.event(
                EventType.RETRY_LATER,
                "%s: %s".formatted(claim.inWords(), new Failure(reason, detail)));
          }
          if (endsSomething(claim.stage())) {
            update.because(reason, detail);
          }
          noteAsked(transfer, claim, why);
          if (claim.stage().isKickoff() && (why.unsent() || NOT_KICKED_OFF.contains(reason))) {
            ExportJobLedger.nothingStarted(update, (ExportJobClaim) claim);
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
            transfer.atLast(() -> leases.pace().lower(claim.payer()));
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
    return fail(
        claim,
        new RetryDecision(RetryDecision.Action.FAIL, Duration.ZERO, Duration.ZERO, reason, detail));
  }

  /** The same, by a decision. */
  public boolean fail(Claim claim, RetryDecision why) {
    FailureReason reason = why.reason();
    String detail = why.detail();
    boolean failed =
        leases.transition(
            claim,
            transfer -> {
              transfer.failedAt(why.request());
              noteAsked(transfer, claim, why);
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

  /**
   * When the payer was asked for a member, or for those of a batch; nobody is by what is unsent.
   */
  private void noteAsked(LockedTransfer transfer, Claim claim, RetryDecision why) {
    if (!why.unsent()) {
      transfer.asked(claim instanceof TransferClaim match ? match.askedAt() : null);
    } else if (claim.stage() == Stage.MATCH_BATCH) {
      leases.fanIn().members().notAsked((ExportJobClaim) claim);
    }
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
