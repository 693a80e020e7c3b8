package org.payerexchange.ledger;

import java.util.List;

/** Output files from the manifest to the work directory. */
@SuppressWarnings("DoNotCallSuggester")
public final class OutputFileLedger {

  /** Works on the claims of one node. */
  public OutputFileLedger(Leases leases) {}

  /** Claims pending files, at most {@code max}. */
  public List<OutputFileClaim> claimForDownload(int max) {
    throw new UnsupportedOperationException();
  }

  /** Prolongs the lease of a running download; {@code false}: another node has it, stop. */
  public boolean renew(OutputFileClaim claim) {
    throw new UnsupportedOperationException();
  }

  /**
   * Records that the file is staged, and what is to be delivered: one row for each sink. A sink
   * that already took the same content keeps it; without sinks the file is delivered.
   */
  public boolean fetched(OutputFileClaim claim, FetchedFile file, List<String> sinks) {
    throw new UnsupportedOperationException();
  }

  /**
   * Has the manifest fetched again, because the payer does not know the file's URL any more. The
   * job's pending files wait for it. A file that stays unknown has the job kicked off again, and
   * fails in the end.
   */
  public boolean manifestNeeded(OutputFileClaim claim) {
    throw new UnsupportedOperationException();
  }

  /** Has the file downloaded again: it is missing in the work directory, or has another hash. */
  public boolean backToPending(DeliveryClaim claim) {
    throw new UnsupportedOperationException();
  }
}
