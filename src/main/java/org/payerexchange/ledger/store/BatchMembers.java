package org.payerexchange.ledger.store;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.payerexchange.ledger.EventType;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.Failure;
import org.payerexchange.ledger.JobKind;
import org.payerexchange.ledger.JobState;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.Stage;

/**
 * What becomes of the members of a batch with what becomes of the batch: it is locked, and their
 * transfers are locked behind it, in the order of their ids.
 */
final class BatchMembers {
  private final LedgerDatabase database;
  private final String actor;
  private final FanIn fanIn;
  private final Batches batches;

  BatchMembers(LedgerDatabase database, String actor, FanIn fanIn) {
    this.database = database;
    this.actor = actor;
    this.fanIn = fanIn;
    this.batches = new Batches(database, actor);
  }

  /** Where members are gathered. */
  Batches batches() {
    return batches;
  }

  /** Changes a member's transfer; what is due of it then, the batch's step may go on with. */
  void change(LockedTransfer batch, String transferId, Consumer<LockedTransfer> work) {
    LockedTransfer.lock(database, transferId)
        .ifPresent(
            member -> {
              work.accept(member);
              member.write(actor);
              batch.steps().due().addAll(member.steps().due());
            });
  }

  /** The transfers that wait for the batch's answer. */
  List<String> waiting(String batchId) {
    return database
        .jdbc()
        .sql("SELECT id FROM transfer WHERE batch_id = ? AND state = 'RECEIVED' ORDER BY id")
        .param(batchId)
        .query(String.class)
        .list();
  }

  /** Whether a member waits for this batch's answer. */
  boolean waits(LockedTransfer batch, LockedTransfer member) {
    return member.state() == TransferState.RECEIVED && batch.id().equals(member.batchId());
  }

  /**
   * The members that wait are about to be asked for, in the transaction that says so of the job.
   */
  void asked(ExportJobClaim match) {
    database.update(
        """
            UPDATE transfer SET asked_at = CURRENT_TIMESTAMP WHERE id IN
              (SELECT id FROM transfer WHERE batch_id = ? AND state = 'RECEIVED'
                AND asked_at IS NULL ORDER BY id %s)"""
            .formatted(database.forUpdate()),
        match.transferId());
  }

  /** Nothing was sent: who had not been asked for before has not been now. */
  void notAsked(ExportJobClaim match) {
    database.update(
        """
            UPDATE transfer SET asked_at = NULL WHERE id IN
              (SELECT id FROM transfer WHERE batch_id = ? AND state = 'RECEIVED'
                AND asked_at = (SELECT kickoff_started_at FROM export_job WHERE id = ?)
                ORDER BY id %s)"""
            .formatted(database.forUpdate()),
        match.transferId(),
        match.id());
  }

  /** A member that waits for the batch's answer is not to be had. */
  void fail(LockedTransfer batch, String transferId, TransferState end, Failure why) {
    change(
        batch,
        transferId,
        member -> {
          if (waits(batch, member)) {
            end(member, end, why);
          }
        });
  }

  /** A member's transfer ends before its export; so does what was left of one before. */
  void end(LockedTransfer member, TransferState end, Failure why) {
    List<LockedJob> open =
        member.jobs("job.state = 'REQUESTED'").stream().filter(job -> job.isMembers()).toList();
    open.forEach(job -> end(member, job, why));
    member.openJobs(-open.size());
    new OpenFiles(database).endDeliveries(member, why);
    member.end(end, why);
  }

  /**
   * The export that a member's job is a part of will know of that part no more: from now on it
   * names those who are left, so that it never asks for the whole Group again.
   *
   * @param column by which the member's jobs are meant
   */
  static void leaves(LedgerDatabase database, String column, Object value) {
    database.update(
        """
            UPDATE export_job SET named = TRUE WHERE kind = 'SHARED'
              AND id IN (SELECT shared_job FROM export_job WHERE %s = ?)"""
            .formatted(column),
        value);
  }

  /** A job of the batch has ended otherwise than complete: who waits for it gets nothing of it. */
  void jobFailed(LockedTransfer batch, LockedJob job, Failure why) {
    if (job.kind() == JobKind.MATCH) {
      // it may be given up before its members were read
      batches.close(batch.id());
      switch (why.reason()) {
        case JOB_FAILED, BAD_ANSWER, TOO_LARGE -> refused(batch, why);
        case UNKNOWN_PAYER -> waiting(batch.id()).forEach(id -> goesByItself(batch, id, why));
        default -> fail(batch, waiting(batch.id()), why);
      }
      return;
    }
    database
        .jdbc()
        .sql(
            """
            SELECT transfer_id, id FROM export_job WHERE shared_job = ? AND state = 'REQUESTED'
            ORDER BY transfer_id""")
        .param(job.id())
        .query((row, at) -> new Part(row.getString("transfer_id"), row.getLong("id")))
        .list()
        .forEach(part -> change(batch, part.transferId(), member -> fail(member, part.job(), why)));
  }

  /**
   * Many payers refuse all members for one that they cannot read, or for their number, at once or
   * with the status of the job, and what is wrong with an answer may be one member's: who waits is
   * asked for in halves, and fails once it was asked for alone.
   */
  void refused(LockedTransfer batch, Failure why) {
    List<String> waiting = waiting(batch.id());
    if (batches.size(batch.id()) == 1) {
      fail(batch, waiting, why);
      return;
    }
    batch.event(EventType.BATCH_HALVED, why.toString());
    int half = (waiting.size() + 1) / 2;
    Stream.of(waiting.subList(0, half), waiting.subList(half, waiting.size()))
        .filter(part -> !part.isEmpty())
        .forEach(part -> batches.apart(batch, part, null));
  }

  /**
   * The payer's dialect may have been changed, so that it is asked for one member at a time. One
   * that had a part of a shared export cannot be asked for so. While nodes differ in it, a member
   * may come back: it waits for longer each time.
   */
  private void goesByItself(LockedTransfer batch, String transferId, Failure why) {
    change(
        batch,
        transferId,
        member -> {
          if (!waits(batch, member)) {
            return;
          }
          if (!member.jobs("TRUE").isEmpty()) {
            end(member, TransferState.FAILED, why);
            return;
          }
          database.update("UPDATE transfer SET batch_id = NULL WHERE id = ?", transferId);
          member.event(EventType.ASKED_OTHERWISE, why.detail());
          member.steps().ofTransfer(Stage.MEMBER_MATCH, Duration.ofMinutes(passed(transferId)));
        });
  }

  /** How often a member was passed on until now, because nodes ask its payer differently. */
  private long passed(String transferId) {
    return database
        .jdbc()
        .sql("SELECT COUNT(*) FROM transfer_event WHERE transfer_id = ? AND what = ?")
        .params(transferId, EventType.ASKED_OTHERWISE.name())
        .query(Long.class)
        .single();
  }

  private void fail(LockedTransfer batch, List<String> transferIds, Failure why) {
    transferIds.forEach(id -> fail(batch, id, TransferState.FAILED, why));
  }

  /** One member's part of a shared export ends without anything. */
  boolean fail(LockedTransfer member, long jobId, Failure why) {
    // what has ended may be forgotten, and its jobs with it
    if (member.state().terminal() || member.job(jobId).state() != JobState.REQUESTED) {
      return false;
    }
    end(member, member.job(jobId), why);
    fanIn.jobEnded(member);
    return true;
  }

  private void end(LockedTransfer member, LockedJob job, Failure why) {
    database.update(
        """
            UPDATE export_job SET state = ?, reason = ?, detail = ?, open_files = 0,
              finished_at = CURRENT_TIMESTAMP, updated_at = CURRENT_TIMESTAMP
            WHERE id = ?""",
        job.state().to(JobState.FAILED).name(),
        why.reason().name(),
        LedgerDatabase.shortened(why.detail()),
        job.id());
    if (member.files() > 0) {
      new OpenFiles(database).endWithJob(member, job.id(), why);
    }
    member.keep(job.in(JobState.FAILED).open(0));
    member.event(EventType.EXPORT_FAILED, "job %s: %s".formatted(job.id(), why));
  }

  /**
   * A member's part of a shared export.
   *
   * @param job the member's own
   */
  record Part(String transferId, long job) {}
}
