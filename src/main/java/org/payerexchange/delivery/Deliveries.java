package org.payerexchange.delivery;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Variable;
import org.payerexchange.download.KeptLease;
import org.payerexchange.download.StagedFiles;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.DeliveryLedger;
import org.payerexchange.ledger.FetchedFile;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.OutputFileLedger;
import org.payerexchange.payer.FailureReason;
import org.payerexchange.payer.TransferException;

/** The steps of a delivery: one staged file to one sink. */
public final class Deliveries {
  private final Sinks sinks;
  private final StagedFiles staged;
  private final Outbox outbox;
  private final OutputFileLedger files;
  private final DeliveryLedger ledger;

  /**
   * Wires it.
   *
   * @param sinks where files go
   * @param staged where they come from
   * @param outbox the directory sink
   * @param files learns of fetched files and of staged ones that are not what they were
   * @param ledger learns of what was delivered
   */
  public Deliveries(
      Sinks sinks,
      StagedFiles staged,
      Outbox outbox,
      OutputFileLedger files,
      DeliveryLedger ledger) {
    this.sinks = sinks;
    this.staged = staged;
    this.outbox = outbox;
    this.files = files;
    this.ledger = ledger;
  }

  /**
   * Records a fetched file and what is to be delivered of it: one delivery for each sink; none of
   * an error file that could not be had.
   *
   * @return false if the row is another node's by now
   */
  public boolean plan(@Variable("claim") OutputFileClaim claim, @Body FetchedFile file) {
    boolean nothing = claim.kind() == FileKind.ERROR && file.bytes() == 0;
    return files.fetched(claim, file, nothing ? List.of() : sinks.names());
  }

  /**
   * Finds out what is to be done, and sets the variables {@code todo} and, for an endpoint, {@code
   * sinkUri}.
   *
   * @throws TransferException {@link FailureReason#SINK_REFUSED} if the sink is not configured any
   *     more, {@link FailureReason#SINK_UNAVAILABLE} if a directory cannot be read
   */
  public void begin(Exchange exchange, @Variable("claim") DeliveryClaim claim) {
    Sink sink = sinks.get(claim.sink());
    exchange.setVariable("sinkUri", sink.uri());
    exchange.setVariable("todo", todo(claim, sink).name());
  }

  /** What a delivery comes to. */
  private enum Todo {
    FETCH_AGAIN,
    NOTHING,
    FILE_TO_DIRECTORY,
    FILE_TO_URI,
    RESOURCES_TO_URI
  }

  private Todo todo(DeliveryClaim claim, Sink sink) {
    try {
      if (sink.kind() == Sink.Kind.DIRECTORY
          && outbox.holds(target(claim), claim.bytes(), claim.sha256())) {
        return Todo.NOTHING;
      }
      if (!staged.holds(claim.transferId(), claim.name(), claim.bytes(), claim.sha256())) {
        return Todo.FETCH_AGAIN;
      }
    } catch (IOException unreadable) {
      throw unavailable("the work or outbox directory cannot be read", unreadable);
    }
    return switch (sink.kind()) {
      case DIRECTORY -> Todo.FILE_TO_DIRECTORY;
      case FILE -> Todo.FILE_TO_URI;
      case RESOURCE, BUNDLE -> Todo.RESOURCES_TO_URI;
    };
  }

  /** Has a file downloaded again that is not in the work directory, or not as it was. */
  public boolean fetchAgain(@Variable("claim") DeliveryClaim claim) {
    return files.backToPending(claim);
  }

  /**
   * Puts a file into the outbox directory.
   *
   * @throws TransferException {@link FailureReason#SINK_UNAVAILABLE} if it cannot be written
   */
  public void toDirectory(
      @Variable("claim") DeliveryClaim claim, @Variable("lease") KeptLease lease) {
    lease.check();
    try {
      Path from = staged.file(claim.transferId(), claim.name());
      outbox.link(from, target(claim), claim.leaseToken());
      staged.remember(from);
    } catch (IOException unwritable) {
      throw unavailable("the outbox directory cannot be written", unwritable);
    }
  }

  /**
   * Records that the sink has taken the file, and deletes the staged one if that was the last.
   *
   * @return false if the row is another node's by now
   */
  public boolean done(@Variable("claim") DeliveryClaim claim) {
    return ledger.done(claim);
  }

  private Path target(DeliveryClaim claim) {
    return outbox.file(claim.payer(), claim.transferId(), claim.name());
  }

  private static TransferException unavailable(String what, IOException cause) {
    return new TransferException(FailureReason.SINK_UNAVAILABLE, what, cause);
  }
}
