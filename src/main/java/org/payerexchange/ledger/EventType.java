package org.payerexchange.ledger;

/** What the audit trail tells of. The names are stored, so that they never change. */
public enum EventType {
  RECEIVED,
  REJECTED,
  MATCHED,
  NO_MATCH,
  /** A batch of members was opened. */
  BATCH_OPENED,
  /** The payer refused a batch as a whole: its members are asked for in smaller ones. */
  BATCH_HALVED,
  /** The answer to a batch was of no use for this member: it is asked for alone. */
  ASKED_ALONE,
  /**
   * The payer's dialect was changed, or is another on another node, or the payer refuses one of the
   * ways that it has: so is how it is asked.
   */
  ASKED_OTHERWISE,
  /** The payer has answered for each member of a batch. */
  BATCH_ANSWERED,
  /** The kick-off request is about to be sent. */
  KICKOFF_STARTED,
  /** The same, while it is unknown what became of an earlier one. */
  KICKOFF_REPEATED,
  EXPORT_RUNNING,
  EXPORT_READY,
  /** The payer lost the job; it is kicked off again. */
  EXPORT_RESTARTED,
  /** File URLs do not work any more; the manifest is fetched again. */
  MANIFEST_NEEDED,
  /** All files of an export that members share are there. */
  EXPORT_SPLITTING,
  EXPORT_COMPLETE,
  EXPORT_FAILED,
  EXPORT_EXPIRED,
  EXPORT_CANCELLED,
  EXPORT_RELEASED,
  /** The job was not deleted at the payer, and is not going to be. */
  RELEASE_GIVEN_UP,
  /**
   * The file is whole in the outbox, with warnings, or again; others are counted at their job's
   * end.
   */
  FILE_STORED,
  /** The file is to be downloaded again. */
  FILE_PENDING,
  FILE_FAILED,
  DELIVERY_DONE,
  DELIVERY_FAILED,
  COMPLETE,
  FAILED,
  CANCELLED,
  /** The member withdrew the consent after the end: it is not retried any more. */
  WITHDRAWN,
  OUTCOME_SENT,
  OUTCOME_GIVEN_UP,
  /** A step failed in a way that may pass. */
  RETRY_LATER,
  /** An operator sent the transfer on. */
  RETRIED,
  /** Somebody had it asked again more or less often, or for longer or shorter; or never again. */
  REPEATS_CHANGED,
  REPEATS_STOPPED,
  /** A newer request of its member repeats in its place. */
  REPEATS_REPLACED,
  /** An operator had what waited for its next try tried at once. */
  TRIED_NOW,
  /** Somebody was shown the request, or in a report its member's id, which is PHI. */
  REQUEST_SHOWN,
  /** Somebody had all that was held of the member removed. */
  FORGOTTEN,
  /** The request was removed: nothing needs it any more. */
  REQUEST_REMOVED
}
