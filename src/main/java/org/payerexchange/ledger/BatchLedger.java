package org.payerexchange.ledger;

import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.payerexchange.dialect.BulkMatch;
import org.payerexchange.step.FailureReason;

/**
 * Batches of members that a payer is asked for at once. A batch is carried like a transfer, with a
 * match job and the exports that its members share; each member's transfer goes on by itself.
 */
public final class BatchLedger {
  private final Leases leases;

  /** Works on the claims of one node. */
  public BatchLedger(Leases leases) {
    this.leases = leases;
  }

  /** The members that wait for the batch's answer, in the order of their transfers. */
  public List<BatchMember> members(ExportJobClaim claim) {
    throw new UnsupportedOperationException();
  }

  /**
   * Records that the match is about to be asked for; nobody joins the batch any more.
   *
   * @return false if the step is another node's by now
   */
  public boolean started(ExportJobClaim claim) {
    throw new UnsupportedOperationException();
  }

  /** Ends a batch that nobody waits for any more. */
  public boolean nobodyWaits(ExportJobClaim claim) {
    throw new UnsupportedOperationException();
  }

  /** A member cannot be asked for, or its answer is of no use: it fails, and the others do not. */
  public boolean memberFailed(
      ExportJobClaim claim, String transferId, FailureReason reason, String detail) {
    throw new UnsupportedOperationException();
  }

  /**
   * The batch was refused as a whole: its members go into new ones.
   *
   * @param parts the transfers of each
   * @param why for the audit trail, without PHI
   */
  public boolean halved(ExportJobClaim claim, List<List<String>> parts, String why) {
    throw new UnsupportedOperationException();
  }

  /**
   * The payer's Patients with which other members were answered, in the batch that this one's
   * member was in before it was asked for alone.
   */
  public Set<String> patientsOfOthers(ExportJobClaim claim) {
    throw new UnsupportedOperationException();
  }

  /** Whether the batch holds a member that is asked for alone, after an answer of no use. */
  public boolean isSecondTry(ExportJobClaim claim) {
    throw new UnsupportedOperationException();
  }

  /** When the last whole export of each of these Patients was made, of those that had any. */
  public Map<String, Instant> marks(String payer, Collection<String> patientIds) {
    throw new UnsupportedOperationException();
  }

  /**
   * Records the answer: what became of each member, and the exports that they share, due at once.
   *
   * @param outcomes by transfer; a member that is uncorrelated is asked for once more, alone, or
   *     fails with BAD_ANSWER the second time
   * @param exports of those that matched
   */
  public boolean answered(
      ExportJobClaim claim,
      Map<String, BulkMatch.Outcome> outcomes,
      List<BulkMatch.Export> exports) {
    throw new UnsupportedOperationException();
  }

  /**
   * A member that waits.
   *
   * @param requestJson the member match Parameters as registered; PHI
   * @param consentEnd the last day of the consent (UTC), or null where it has no end
   */
  public record BatchMember(String transferId, String requestJson, LocalDate consentEnd) {
    /** Leaves the request out: it is PHI. */
    @Override
    public String toString() {
      return "BatchMember[" + transferId + "]";
    }
  }
}
