package org.payerexchange.delivery;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.Message;
import org.apache.camel.Variable;
import org.payerexchange.download.StagedFiles;
import org.payerexchange.files.SharedFolders;
import org.payerexchange.ledger.OutcomeClaim;
import org.payerexchange.ledger.OutcomeLedger;
import org.payerexchange.ledger.TransferReport;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/** The last step of a transfer: saying how it ended, in its folder and to whoever listens. */
public final class Outcomes {
  private static final String MANIFEST = "manifest.json";

  private final OutcomeLedger ledger;
  private final Outbox outbox;
  private final StagedFiles staged;
  private final SharedFolders folders;
  private final boolean jms;

  /**
   * Wires it.
   *
   * @param ledger knows how transfers ended
   * @param outbox where manifests are written
   * @param staged where nothing of a finished transfer is left
   * @param jmsUrl {@code p2p.jms.url}: empty if nobody listens
   * @param folders whether this node may write manifests at all
   */
  public Outcomes(
      OutcomeLedger ledger,
      Outbox outbox,
      StagedFiles staged,
      String jmsUrl,
      SharedFolders folders) {
    this.ledger = ledger;
    this.outbox = outbox;
    this.staged = staged;
    this.folders = folders;
    this.jms = !jmsUrl.isBlank();
  }

  /** Claims outcomes; none where the folders are not those that all nodes share. */
  public List<OutcomeClaim> claim(int max) {
    return folders.areSeen() ? ledger.claimForOutcome(max) : List.of();
  }

  /**
   * Makes the message the transfer's outcome, with the headers {@code p2pTransferId}, {@code
   * p2pPayer}, {@code p2pStatus} and {@code p2pDeliveryKey}, which is the same whenever the same
   * outcome is sent again, and another where a transfer ends once more after a retry. The names of
   * the transfer's files become the variable {@code files}.
   *
   * @throws TransferException {@link FailureReason#LEASE_LOST} if it is being retried by now
   */
  public void message(Exchange exchange, @Variable("claim") OutcomeClaim claim) {
    TransferReport report = ledger.report(claim.transferId());
    if (!report.state().terminal()) {
      throw new TransferException(FailureReason.LEASE_LOST, "the transfer is being retried");
    }
    Message message = exchange.getMessage();
    message.removeHeaders("*");
    message.setHeader("p2pTransferId", claim.transferId());
    message.setHeader("p2pPayer", claim.payer());
    message.setHeader("p2pStatus", report.state().name());
    message.setHeader(
        "p2pDeliveryKey", "%s/%s/%s".formatted(claim.transferId(), MANIFEST, report.finishedAt()));
    message.setBody(OutcomeMessage.of(report));
    exchange.setVariable(
        "files",
        report.files().stream()
            .map(TransferReport.ReportedFile::name)
            .collect(Collectors.toUnmodifiableSet()));
  }

  /** Whether there is a broker to send it to. */
  public boolean isSentByJms() {
    return jms;
  }

  /**
   * Writes {@code manifest.json} into the transfer's folder of the outbox: the sign that all the
   * other files are there, and no file of an earlier export.
   *
   * @param files the names of the transfer's files
   * @param json what the outcome queue gets, too
   * @throws TransferException {@link FailureReason#SINK_UNAVAILABLE} if it cannot be written
   */
  public void writeManifest(
      @Variable("claim") OutcomeClaim claim,
      @Variable("files") Set<String> files,
      @Body byte[] json) {
    try {
      outbox.keepOnly(claim.payer(), claim.transferId(), files);
      outbox.write(
          outbox.file(claim.payer(), claim.transferId(), MANIFEST), json, claim.leaseToken());
    } catch (IOException unwritable) {
      throw new TransferException(
          FailureReason.SINK_UNAVAILABLE, "the outbox directory cannot be written", unwritable);
    }
  }

  /**
   * Records that the outcome was sent.
   *
   * @return false if the row is another node's by now
   */
  public boolean sent(@Variable("claim") OutcomeClaim claim) {
    return ledger.sent(claim);
  }

  /**
   * Deletes what is left in the work directory of a transfer that no retry can revive.
   *
   * @param state as {@link #message} found it
   * @throws TransferException {@link FailureReason#SINK_UNAVAILABLE} if it cannot be deleted
   */
  public void clear(
      @Variable("claim") OutcomeClaim claim, @Header("p2pStatus") TransferState state) {
    boolean over = state == TransferState.COMPLETE || state == TransferState.CANCELLED;
    try {
      if (over) {
        staged.deleteAll(claim.transferId());
      }
    } catch (IOException undeletable) {
      throw new TransferException(
          FailureReason.SINK_UNAVAILABLE, "the work directory cannot be cleared", undeletable);
    }
  }
}
