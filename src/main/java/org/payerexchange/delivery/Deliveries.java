package org.payerexchange.delivery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.payerexchange.files.Outbox;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.FetchedFile;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.FoundAttachments;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.StoredFile;
import org.payerexchange.ledger.store.DeliveryLedger;
import org.payerexchange.ledger.store.OutputFileLedger;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/** What is to be delivered of a download, and the steps of a delivery: a transfer to one sink. */
public final class Deliveries {
  /** Behind so many files, or so much time, others have their turn at the sink. */
  private static final int FILES_AT_ONCE = 100;

  private static final Duration TIME_AT_ONCE = Duration.ofSeconds(10);

  private final Sinks sinks;
  private final Outbox outbox;
  private final OutputFileLedger files;
  private final DeliveryLedger ledger;
  private final AttachmentSearch attachments;
  private final Clock clock;

  /**
   * Wires it.
   *
   * @param sinks where files go
   * @param outbox where they come from
   * @param files learns of stored files
   * @param ledger learns of what was delivered, or is not what it was
   * @param attachments finds what a stored file's lines name
   * @param clock ends a sink's time for one transfer
   */
  public Deliveries(
      Sinks sinks,
      Outbox outbox,
      OutputFileLedger files,
      DeliveryLedger ledger,
      AttachmentSearch attachments,
      Clock clock) {
    this.sinks = sinks;
    this.outbox = outbox;
    this.files = files;
    this.ledger = ledger;
    this.attachments = attachments;
    this.clock = clock;
  }

  /**
   * Records a stored file, which sinks are to have; an error file that could not be had goes to
   * none, nor does what belongs to several members. One that nobody asks for any more leaves the
   * outbox again.
   *
   * @return false if the row is another node's by now
   * @throws TransferException {@link FailureReason#SINK_UNAVAILABLE} if the outbox cannot be used
   */
  public boolean plan(OutputFileClaim announced, FetchedFile file) {
    OutputFileClaim claim =
        file.resourceType() == null ? announced : announced.as(file.resourceType());
    if (claim.kind() == FileKind.ERROR && file.bytes() == 0) {
      return files.storedForNobody(claim, file);
    }
    Path stored = outbox.file(claim);
    try {
      FetchedFile known = summedUp(claim, file, stored).naming(attachments(claim, stored));
      boolean done =
          isDelivered(claim) ? stored(claim, known) : files.storedForNobody(claim, known);
      if ((!done || claim.holdsPatients()) && files.isNobodys(claim)) {
        Files.deleteIfExists(stored);
      }
      return done;
    } catch (IOException unusable) {
      throw outbox.unusable(unusable);
    }
  }

  /** What members share is searched once each has its own. */
  private FoundAttachments attachments(OutputFileClaim claim, Path stored) throws IOException {
    return claim.kind() == FileKind.OUTPUT && !claim.shared()
        ? attachments.in(claim.payer(), claim.name(), stored)
        : FoundAttachments.NONE;
  }

  private static boolean isDelivered(OutputFileClaim claim) {
    return !claim.shared() && !(claim.kind() == FileKind.DELETED && isNobodys(claim));
  }

  /** Of what is deleted nobody says whose it was. */
  private static boolean isNobodys(OutputFileClaim claim) {
    return claim.shared() || claim.isOfPatient();
  }

  private boolean stored(OutputFileClaim claim, FetchedFile file) {
    boolean wanted = claim.kind() != FileKind.ERROR && claim.holdsLines();
    return files.stored(
        claim,
        file,
        sinks.names(false),
        wanted ? sinks.names(true) : List.of(),
        wanted ? DeliveryOrder.turn(claim.kind(), claim.resourceType(), claim.number()) : null);
  }

  private List<String> linesOnly() {
    return sinks.all().stream()
        .filter(sink -> sink.kind() != Sink.Kind.FILE)
        .map(Sink::name)
        .toList();
  }

  /** An error file's content becomes a warning, and what is told to be deleted of several. */
  private FetchedFile summedUp(OutputFileClaim claim, FetchedFile file, Path stored)
      throws IOException {
    List<String> warnings = new ArrayList<>(file.warnings());
    if (claim.kind() == FileKind.ERROR) {
      warnings.add(ErrorFileSummary.of(Files.newInputStream(stored)));
    } else if (claim.kind() == FileKind.DELETED && isNobodys(claim) && file.resources() > 0) {
      warnings.add(
          "%s line(s) of what is deleted at the payer are not applied: they may be other members'"
              .formatted(file.resources()));
    }
    if (!claim.holdsLines() && !linesOnly().isEmpty()) {
      warnings.add(
          "the attachment is no resource, and does not go to %s"
              .formatted(String.join(", ", linesOnly())));
    }
    return file.with(warnings);
  }

  /**
   * Finds the files that the sink is to have now. Sets the variables {@code files}, {@code
   * sinkKind} and, for an endpoint, {@code sinkUri}.
   *
   * @throws TransferException {@link FailureReason#SINK_REFUSED} if the sink is not configured any
   *     more
   */
  public void begin(Exchange exchange, DeliveryClaim claim) {
    Sink sink = sinks.get(claim.sink());
    exchange.setVariable("sinkUri", sink.uri());
    exchange.setVariable("sinkKind", sink.kind().name());
    exchange.setVariable(
        "files", new FilesInTurn(claim, ledger.files(claim, FILES_AT_ONCE), clock, TIME_AT_ONCE));
  }

  /**
   * Makes sure that the file is in the outbox as it was stored; else it is downloaded again first.
   *
   * @throws TransferException {@link FailureReason#LEASE_LOST} if it is not, {@link
   *     FailureReason#SINK_UNAVAILABLE} if the outbox cannot be read
   */
  public void look(DeliveryClaim claim, StoredFile file) {
    Path stored = outbox.file(claim.payer(), claim.transferId(), file.name());
    try {
      if (!outbox.holds(stored, file.bytes(), file.sha256(), file.stamp())) {
        ledger.fetchAgain(claim, List.of(file.number()));
        throw new TransferException(
            FailureReason.LEASE_LOST, "a file of the transfer is fetched again first");
      }
    } catch (IOException unreadable) {
      throw outbox.unusable(unreadable);
    }
  }

  /**
   * Records that the sink has taken a file.
   *
   * @throws TransferException {@link FailureReason#LEASE_LOST} if the row is another node's by now
   */
  public void taken(DeliveryClaim claim, StoredFile file, FilesInTurn files) {
    if (!ledger.taken(claim, file)) {
      throw new TransferException(
          FailureReason.LEASE_LOST, "the lease was lost while a file was sent");
    }
    files.gotOn();
  }

  /** Whether the sink has all files of a transfer, and is to sum it up. */
  public boolean isWhole(DeliveryClaim claim) {
    return claim.whole() && ledger.hasAll(claim);
  }

  /**
   * Ends the turn of a sink that tells no remarks.
   *
   * @param warnings what it took of the transfer with reservations, in words for the operator; null
   *     where it has not summed up
   * @return whether an export job ended with it, so that there is more to be done
   */
  public boolean end(DeliveryClaim claim, List<String> warnings) {
    return end(claim, warnings, null);
  }

  /**
   * Ends the sink's turn.
   *
   * @param warnings what it took of the transfer with reservations, in words for the operator; null
   *     where it has not summed up
   * @param remarks how many of the warnings tell of nothing that is missing; null for none
   * @return whether an export job ended with it, so that there is more to be done
   */
  public boolean end(DeliveryClaim claim, List<String> warnings, Integer remarks) {
    return ledger.end(claim, warnings, remarks == null ? 0 : remarks).orElse(false);
  }
}
