package org.payerexchange.ledger;

import java.time.Duration;
import java.util.List;
import org.payerexchange.payer.FailureReason;

/** Export jobs: kick-off, polls, manifest, release (FHIR Bulk Data Access 2). */
@SuppressWarnings("DoNotCallSuggester")
public final class ExportJobLedger {

  /** Works on the claims of one node. */
  public ExportJobLedger(Leases leases) {}

  /** Claims requested jobs, at most {@code max}. */
  public List<ExportJobClaim> claimForKickoff(int max) {
    throw new UnsupportedOperationException();
  }

  /**
   * Records that the kick-off request is about to be sent: it is not idempotent at the payer. Where
   * an earlier kick-off's answer was lost, the event is KICKOFF_REPEATED.
   */
  public boolean kickoffStarted(ExportJobClaim claim) {
    throw new UnsupportedOperationException();
  }

  /**
   * Records that the payer took the job.
   *
   * @param jobId the payer's id of the job, or null where it names none
   * @param statusUrl the URL to poll and, in the end, to delete
   */
  public boolean running(
      ExportJobClaim claim, String jobId, String statusUrl, Duration firstPollIn) {
    throw new UnsupportedOperationException();
  }

  /** Claims running jobs whose next poll is due, at most {@code max}. */
  public List<ExportJobClaim> claimForPoll(int max) {
    throw new UnsupportedOperationException();
  }

  /** Records a poll that found the job still running. */
  public boolean stillRunning(ExportJobClaim claim, Progress progress, Duration nextPollIn) {
    throw new UnsupportedOperationException();
  }

  /**
   * Records the manifest: the job is READY and all its files are rows, in one commit. A manifest
   * without files completes the job.
   */
  public boolean ready(ExportJobClaim claim, ManifestFacts facts, List<NewFile> files) {
    throw new UnsupportedOperationException();
  }

  /** Has a lost job kicked off again, at most twice; after that the job fails for {@code why}. */
  public boolean startAgain(ExportJobClaim claim, FailureReason why) {
    throw new UnsupportedOperationException();
  }

  /** Ends a job that was not ready within the poll deadline. */
  public boolean expired(ExportJobClaim claim, String detail) {
    throw new UnsupportedOperationException();
  }

  /** Claims ended jobs that are to be deleted at the payer, at most {@code max}. */
  public List<ExportJobClaim> claimForRelease(int max) {
    throw new UnsupportedOperationException();
  }

  /** Records that the payer deleted the job, or does not know it any more. */
  public boolean released(ExportJobClaim claim) {
    throw new UnsupportedOperationException();
  }
}
