package org.payerexchange.step;

/** The work that a ledger row waits for. A row that waits for nothing has no stage. */
public enum Stage {
  /** {@code $member-match} of a received transfer. */
  MEMBER_MATCH("transfer", true),
  /** {@code $export} of a requested export job. */
  EXPORT_KICKOFF("export_job", true),
  /** Status request of a running export job. */
  EXPORT_POLL("export_job", true),
  /** Download of a pending output file. */
  DOWNLOAD("output_file", true),
  /** The stored files of a transfer for one sink. */
  DELIVER("delivery", false),
  /** Manifest and outcome message of a transfer that nothing else is to be done for. */
  OUTCOME("transfer", false),
  /** DELETE of an export job that has ended. */
  RELEASE("export_job", true);

  private final String table;
  private final boolean callsPayer;

  Stage(String table, boolean callsPayer) {
    this.table = table;
    this.callsPayer = callsPayer;
  }

  public String table() {
    return table;
  }

  /** Whether the payer's hold and its limit of parallel requests apply. */
  public boolean callsPayer() {
    return callsPayer;
  }

  /**
   * Whether nothing depends on how it ends: it is tried a few times without a word in the audit
   * trail, and says nothing of what the payer bears.
   */
  public boolean isCourtesy() {
    return this == RELEASE;
  }

  /** Whether the payer decides how long the step takes: no deadline ends it while bytes come in. */
  public boolean mayTakeHours() {
    return this == DOWNLOAD;
  }
}
