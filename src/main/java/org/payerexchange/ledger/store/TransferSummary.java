package org.payerexchange.ledger.store;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;

/**
 * A transfer in one line, without PHI, as all show it; or a batch, which is carried like one.
 *
 * @param payer the source payer's id, or null for a rejected record
 * @param requestId the sender's id of the request, or null
 * @param batch the batch that the member is, or was, asked for with, or null
 * @param recurrence what it is one of, where it is asked again and again, or null
 * @param repeatOf the transfer before it there, or null
 * @param source where the request came from, or null for a batch
 * @param recordNumber of the request there, or null for a batch
 * @param reason why it failed, or null
 * @param detail the failure or rejection in words, or null
 * @param warnings how many there are on its jobs, files and deliveries
 * @param finishedAt when it ended, or null
 * @param waitsFor what has failed for the longest time and is tried again, or null
 * @param next what is done with it now, or next; null where nothing is
 */
public record TransferSummary(
    String id,
    String payer,
    @JsonProperty("status") TransferState state,
    String requestId,
    String batch,
    String recurrence,
    String repeatOf,
    String source,
    Integer recordNumber,
    FailureReason reason,
    String detail,
    int warnings,
    Instant receivedAt,
    Instant updatedAt,
    Instant finishedAt,
    Waiting waitsFor,
    NextStep next) {

  /** The same that waits for this, or for nothing, and goes on with this, or with nothing. */
  TransferSummary waitingFor(Waiting waiting, NextStep step) {
    return new TransferSummary(
        id,
        payer,
        state,
        requestId,
        batch,
        recurrence,
        repeatOf,
        source,
        recordNumber,
        reason,
        detail,
        warnings,
        receivedAt,
        updatedAt,
        finishedAt,
        waiting,
        step);
  }
}
