package org.payerexchange.ledger;

import java.util.List;
import org.payerexchange.step.FailureReason;

/** Exports that members share, from their last file to each member's own. */
public final class SplitLedger {
  private final Leases leases;

  /** Works on the claims of one node. */
  public SplitLedger(Leases leases) {
    this.leases = leases;
  }

  /** All members that the export serves or served, in the order of their transfers. */
  public List<SharedJobMember> members(SplitClaim claim) {
    throw new UnsupportedOperationException();
  }

  /** The stored files of the export, in their order. */
  public List<SharedFile> files(SplitClaim claim) {
    throw new UnsupportedOperationException();
  }

  /** Whether a member still waits for its files: neither failed nor cancelled since. */
  public boolean isOpen(SplitClaim claim, SharedJobMember member) {
    throw new UnsupportedOperationException();
  }

  /**
   * Records that a member's files stand in its folder, from where sinks are to have them: the
   * member's part of the export is complete once they do.
   *
   * @param files none if the export holds nothing of the member
   * @param sinks that take files while others still come
   * @param whole sinks that begin once all files are there
   * @return false if the member has been cancelled, or the step is another node's by now
   */
  public boolean served(
      SplitClaim claim,
      SharedJobMember member,
      List<SplitFile> files,
      List<String> sinks,
      List<String> whole) {
    throw new UnsupportedOperationException();
  }

  /** A member gets nothing of the export: its own part of it fails. */
  public boolean notServed(
      SplitClaim claim, SharedJobMember member, FailureReason reason, String detail) {
    throw new UnsupportedOperationException();
  }

  /**
   * Ends the export: each member was served, or is out.
   *
   * @param warnings what went to nobody, in words without PHI
   * @return false if the step is another node's by now
   */
  public boolean done(SplitClaim claim, List<String> warnings) {
    throw new UnsupportedOperationException();
  }

  /**
   * A stored file of a shared export.
   *
   * @param name its name in the folder of its batch: {@code Patient-3.ndjson}
   */
  public record SharedFile(
      FileKind kind, String resourceType, String name, long bytes, String sha256, String stamp) {}
}
