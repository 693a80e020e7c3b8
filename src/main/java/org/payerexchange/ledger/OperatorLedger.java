package org.payerexchange.ledger;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.payerexchange.step.FailureReason;

/** What people do to transfers. Each names its actor in the audit trail. */
public final class OperatorLedger {
  private final LedgerDatabase database;
  private final Transitions transitions;
  private final Retries retries;

  /** Works on this database. */
  public OperatorLedger(LedgerDatabase database) {
    this.database = database;
    this.transitions = new Transitions(database);
    this.retries = new Retries(database);
  }

  /**
   * Sends a FAILED or NO_MATCH transfer on from the step that failed; what was done is kept.
   *
   * @param actor who asked for it
   * @return false if there is no such transfer, or it has not failed
   */
  public boolean retry(String transferId, String actor) {
    return transitions.on(transferId, actor, retries::retry);
  }

  /**
   * The request of a transfer as it is sent to the payer's member match, PHI; the audit trail says
   * who was shown it.
   *
   * @param actor who asked for it
   * @return a FHIR Parameters resource as JSON; empty once it was removed
   */
  public Optional<String> showRequest(String transferId, String actor) {
    AtomicReference<String> request = new AtomicReference<>();
    transitions.on(
        transferId,
        actor,
        transfer -> {
          database
              .jdbc()
              .sql("SELECT request_json FROM transfer_request WHERE transfer_id = ?")
              .param(transferId)
              .query(String.class)
              .optional()
              .ifPresent(request::set);
          transfer.event(EventType.REQUEST_SHOWN, null);
          return request.get() != null;
        });
    return Optional.ofNullable(request.get());
  }

  /**
   * Retries all FAILED or NO_MATCH transfers of a payer that failed for one reason.
   *
   * @param reason null for any
   * @param actor who asked for it
   * @return how many
   */
  public int retryAll(String payer, FailureReason reason, String actor) {
    String reasonName = reason == null ? null : reason.name();
    List<String> failed =
        database
            .jdbc()
            .sql(
                """
                SELECT id FROM transfer WHERE payer = ? AND NOT is_batch AND state IN ('FAILED', 'NO_MATCH')
                  AND (CAST(? AS VARCHAR) IS NULL OR reason = ?)
                ORDER BY received_at""")
            .params(payer, reasonName, reasonName)
            .query(String.class)
            .list();
    return Math.toIntExact(failed.stream().filter(id -> retry(id, actor)).count());
  }

  /**
   * Gives an open transfer up; its jobs are released at the payer.
   *
   * @param actor who asked for it
   * @return false if there is no such transfer, or it has ended
   */
  public boolean cancel(String transferId, String actor) {
    return transitions.on(
        transferId,
        actor,
        transfer -> {
          if (transfer.isBatch()) {
            return false;
          }
          Optional<CancelPlan> plan = CancelPlan.of(transfer.state(), transfer.jobs("TRUE"));
          plan.ifPresent(ended -> cancel(transfer, ended, actor));
          return plan.isPresent();
        });
  }

  private void cancel(LockedTransfer transfer, CancelPlan plan, String actor) {
    OpenFiles files = new OpenFiles(database);
    plan.jobs().forEach(job -> transfer.event(EventType.EXPORT_CANCELLED, files.inWords(job)));
    database.batch(
        """
        UPDATE export_job SET state = 'CANCELLED', reason = 'CANCELLED', detail = NULL,
          open_files = 0, finished_at = CURRENT_TIMESTAMP, updated_at = CURRENT_TIMESTAMP
        WHERE id = ?""",
        plan.jobs().stream().map(job -> new Object[] {job.id()}).toList());
    transfer.openJobs(-plan.jobs().size());
    files.endWithTransfer(transfer, CancelPlan.WHY);
    transfer.steps().addReleases();
    transfer.end(TransferState.CANCELLED, new Failure(FailureReason.CANCELLED, "by " + actor));
  }
}
