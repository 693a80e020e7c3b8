package org.payerexchange.delivery;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.payerexchange.files.Outbox;
import org.payerexchange.files.TransferFolders;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.ledger.OutcomeClaim;
import org.payerexchange.ledger.TransferReport;
import org.payerexchange.ledger.TransferReport.ReportedFile;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.ledger.store.OutcomeLedger;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.KeptLease;
import org.payerexchange.step.TransferException;

/**
 * The last step of a transfer: saying how it ended, in its folder and to whoever listens. Before
 * that all its files have to be in the outbox as they were stored.
 */
public final class Outcomes {
  /** How many outcomes are on their way to the queue at once. */
  public static final int SENT_AT_ONCE = 8;

  private final OutcomeLedger ledger;
  private final Outbox outbox;
  private final TransferFolders work;
  private final boolean jms;
  private final Semaphore sending = new Semaphore(SENT_AT_ONCE);

  /**
   * Wires it.
   *
   * @param ledger knows how transfers ended
   * @param outbox where manifests are written
   * @param work the work directory, where nothing of a finished transfer is left
   * @param jmsUrl {@code p2p.jms.url}: empty if nobody listens
   */
  public Outcomes(OutcomeLedger ledger, Outbox outbox, TransferFolders work, String jmsUrl) {
    this.ledger = ledger;
    this.outbox = outbox;
    this.work = work;
    this.jms = !jmsUrl.isBlank();
  }

  /**
   * Compares the transfer's files with the outbox, as long as there is no manifest; the route's
   * variable {@code outcome}. Where all are there, files of earlier exports, or that came too late,
   * are deleted.
   *
   * @throws TransferException {@link FailureReason#SINK_UNAVAILABLE} if the outbox cannot be used,
   *     {@link FailureReason#LEASE_LOST} if the transfer is another node's by now, or was retried
   *     or cancelled
   */
  public Outcome compare(OutcomeClaim claim, KeptLease lease) {
    TransferReport report = ledger.report(claim.transferId());
    if (report.state() != claim.state()) {
      throw new TransferException(FailureReason.LEASE_LOST, "the transfer goes on");
    }
    if (claim.written() || isTold(claim, report)) {
      return new Outcome(report, Set.of(), true);
    }
    Set<Integer> missing = new HashSet<>();
    try {
      for (ReportedFile file : report.files()) {
        lease.check();
        if (file.isStored() && !isThere(claim, file)) {
          missing.add(file.number());
        }
      }
      Outcome outcome = new Outcome(report, missing, false);
      if (!outcome.isPremature()) {
        outcome = withNotes(claim, outcome);
        outbox.keepOnly(claim.payer(), claim.transferId(), outcome.names(), lease);
      }
      return outcome;
    } catch (IOException unusable) {
      throw outbox.unusable(unusable);
    }
  }

  /**
   * Behind the manifest of this end the folder is the consumer's, whether or not it is recorded.
   */
  private boolean isTold(OutcomeClaim claim, TransferReport report) {
    Path manifest = outbox.file(claim.payer(), claim.transferId(), Outbox.MANIFEST);
    try {
      return JsonLimits.mapper()
          .readTree(manifest.toFile())
          .path("finishedAt")
          .asText()
          .equals(String.valueOf(report.finishedAt()));
    } catch (IOException none) {
      return false;
    }
  }

  /** What is missing is noted before anybody is told, so that all are told the same. */
  private Outcome withNotes(OutcomeClaim claim, Outcome outcome) {
    if (outcome.isNoted()) {
      return outcome;
    }
    if (!ledger.gone(claim, outcome.missing())) {
      throw new TransferException(FailureReason.LEASE_LOST, "the transfer goes on");
    }
    return new Outcome(ledger.report(claim.transferId()), outcome.missing(), false);
  }

  private boolean isThere(OutcomeClaim claim, ReportedFile file) throws IOException {
    Path path = outbox.file(claim.payer(), claim.transferId(), file.name());
    return outbox.holds(path, file.bytes(), file.sha256(), file.stamp());
  }

  /** Whether it would be COMPLETE, but for files that are to be fetched again. */
  public boolean isPremature(Outcome outcome) {
    return outcome.isPremature();
  }

  /** Has those files downloaded again that are not there. */
  public boolean fetchAgain(OutcomeClaim claim, Outcome outcome) {
    return ledger.fetchAgain(claim, List.copyOf(outcome.missing()));
  }

  /**
   * Makes the message the transfer's outcome, with the headers {@code p2pTransferId}, {@code
   * p2pPayer}, {@code p2pStatus} and {@code p2pDeliveryKey}, which is the same whenever the same
   * outcome is sent again, and another where a transfer ends once more after a retry.
   */
  public void message(Exchange exchange, OutcomeClaim claim, Outcome outcome) {
    Message message = exchange.getMessage();
    message.removeHeaders("*");
    message.setHeader("p2pTransferId", claim.transferId());
    message.setHeader("p2pPayer", claim.payer());
    message.setHeader("p2pStatus", outcome.state().name());
    message.setHeader(
        "p2pDeliveryKey",
        "%s/%s/%s".formatted(claim.transferId(), Outbox.MANIFEST, outcome.report().finishedAt()));
    message.setBody(OutcomeMessage.of(outcome));
  }

  /** Whether there is a broker to send it to. */
  public boolean isSentByJms() {
    return jms;
  }

  /**
   * Writes {@code manifest.json} into the transfer's folder of the outbox: the sign that all the
   * other files are there. Behind it the folder is the consumer's: it is not written again.
   *
   * @param json what the outcome queue gets, too
   * @throws TransferException {@link FailureReason#SINK_UNAVAILABLE} if it cannot be written
   */
  public void writeManifest(OutcomeClaim claim, KeptLease lease, Outcome outcome, byte[] json) {
    try {
      if (!outcome.isTold()) {
        Path manifest = outbox.file(claim.payer(), claim.transferId(), Outbox.MANIFEST);
        outbox.write(manifest, json, claim.leaseToken(), lease);
      }
    } catch (IOException unwritable) {
      throw outbox.unusable(unwritable);
    }
  }

  /**
   * Records that the manifest stands, while the outcome is still to be sent.
   *
   * @throws TransferException {@link FailureReason#LEASE_LOST} if the row is another node's by now
   */
  public void written(OutcomeClaim claim) {
    if (!ledger.written(claim)) {
      throw new TransferException(FailureReason.LEASE_LOST, "the transfer goes on");
    }
  }

  /**
   * Has an outcome wait for its turn at the queue: a broker that takes nothing, which its client
   * waits for without an end, keeps back no manifest.
   *
   * @throws TransferException {@link FailureReason#SINK_UNAVAILABLE} if those before it are still
   *     on their way
   */
  public void beginToSend(KeptLease lease) throws InterruptedException {
    if (!sending.tryAcquire(1, TimeUnit.SECONDS)) {
      throw new TransferException(
          FailureReason.SINK_UNAVAILABLE,
          "the broker has not taken the %s outcomes before this one".formatted(SENT_AT_ONCE));
    }
    lease.atEnd(sending::release);
  }

  /**
   * Records that the manifest stands and the outcome was sent.
   *
   * @return false if the row is another node's by now
   */
  public boolean sent(OutcomeClaim claim) {
    return ledger.sent(claim);
  }

  /**
   * Deletes what is left in the work directory, half received, or not split, of a transfer that no
   * retry can revive.
   *
   * @param state how it ended
   * @throws TransferException {@link FailureReason#SINK_UNAVAILABLE} if it cannot be deleted
   */
  public void clear(OutcomeClaim claim, TransferState state) {
    boolean over = state == TransferState.COMPLETE || state == TransferState.CANCELLED;
    try {
      if (over) {
        work.deleteAll(claim.transferId());
        outbox.incoming().deleteAll(claim.transferId());
        outbox.shared().deleteAll(claim.transferId());
      }
    } catch (IOException undeletable) {
      throw outbox.unusable(undeletable);
    }
  }
}
