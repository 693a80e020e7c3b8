package org.payerexchange.step;

/** The kinds of steps. */
public enum Stage {
  /** {@code $member-match} of a received transfer. */
  MEMBER_MATCH("match-member", "transfer", true),
  /** The match job of a batch of members. */
  MATCH_BATCH("match-batch", "export_job", true),
  /** Status request of a running match job, and its result. */
  MATCH_POLL("poll-match", "export_job", true),
  /** {@code $export} of a requested export job. */
  EXPORT_KICKOFF("kick-off-export", "export_job", true),
  /** A member's data, page by page. */
  RETRIEVE("retrieve-pages", "export_job", true),
  /** Status request of a running export job. */
  EXPORT_POLL("poll-export", "export_job", true),
  /** Download of a pending output file. */
  DOWNLOAD("download-file", "output_file", true),
  /** The files of an export that members share, each line to its member. */
  SPLIT("split-by-member", "export_job", false),
  /** The files of an export of one transfer that hold resources of all types. */
  SPLIT_TYPES("split-by-type", "export_job", false),
  /** The stored files of a transfer for one sink. */
  DELIVER("deliver-to-sink", "delivery", false),
  /** Manifest and outcome message of a transfer that nothing else is to be done for. */
  OUTCOME("send-outcome", "transfer", false),
  /** DELETE of an export job that has ended. */
  RELEASE("release-job", "export_job", true);

  private final String route;
  private final String table;
  private final boolean callsPayer;

  Stage(String route, String table, boolean callsPayer) {
    this.route = route;
    this.table = table;
    this.callsPayer = callsPayer;
  }

  /** The id of the route that does it, and the name of its {@code direct} endpoint. */
  public String route() {
    return route;
  }

  /** What it is about stands in this table. */
  public String table() {
    return table;
  }

  /** Whether the payer's hold and its limit of parallel requests apply. */
  public boolean callsPayer() {
    return callsPayer;
  }

  /** Whether it needs the folders that all nodes share. */
  public boolean usesFolders() {
    return this == DOWNLOAD
        || this == RETRIEVE
        || this == SPLIT
        || this == SPLIT_TYPES
        || this == DELIVER
        || this == OUTCOME;
  }

  /** Whether it starts a job at the payer. */
  public boolean isKickoff() {
    return this == EXPORT_KICKOFF || this == MATCH_BATCH;
  }

  /** Whether it asks for a job that runs at the payer. */
  public boolean isPoll() {
    return this == EXPORT_POLL || this == MATCH_POLL;
  }

  /** What asks for the job that it starts, or asks for. */
  public Stage poll() {
    return this == MATCH_BATCH || this == MATCH_POLL ? MATCH_POLL : EXPORT_POLL;
  }

  /** What starts the job that it asks for, or starts. */
  public Stage kickoff() {
    return this == MATCH_BATCH || this == MATCH_POLL ? MATCH_BATCH : EXPORT_KICKOFF;
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
    return this == DOWNLOAD || this == RETRIEVE;
  }
}
