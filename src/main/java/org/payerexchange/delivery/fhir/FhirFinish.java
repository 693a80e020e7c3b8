package org.payerexchange.delivery.fhir;

import static java.util.stream.Collectors.toSet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.camel.Exchange;
import org.payerexchange.delivery.FilesInTurn;
import org.payerexchange.files.Outbox;
import org.payerexchange.http.CloseWhenDone;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.TransferReport.ReportedFile;
import org.payerexchange.ledger.store.OutcomeLedger;
import org.payerexchange.payer.Payers;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * The last steps of a transfer at the FHIR server: what was left over is tried again, a Provenance
 * says where all came from, and what the server will not have is put into {@code
 * undeliverable.ndjson} beside the transfer's files.
 */
public final class FhirFinish {
  /** How often an entry that the server fails at, and at it alone, holds its transfer up. */
  private static final int PATIENCE = 5;

  private final BundleLimits limits;
  private final FhirFolders folders;
  private final KeptLeftovers kept;
  private final OutcomeLedger outcomes;
  private final Payers payers;

  /**
   * Wires it.
   *
   * @param limits how much goes into a Bundle
   * @param folders where operators find what could not be delivered
   * @param kept what is left over
   * @param outcomes knows the transfer's files
   * @param payers where they came from
   */
  public FhirFinish(
      BundleLimits limits,
      FhirFolders folders,
      KeptLeftovers kept,
      OutcomeLedger outcomes,
      Payers payers) {
    this.limits = limits;
    this.folders = folders;
    this.kept = kept;
    this.outcomes = outcomes;
    this.payers = payers;
  }

  /**
   * What is left over of the transfer; the route's variable {@code remainder}.
   *
   * @throws TransferException {@link FailureReason#SINK_UNAVAILABLE} if the work directory cannot
   *     be used, {@link FailureReason#LEASE_LOST} if all is sent again
   */
  public Remainder begin(DeliveryClaim claim) {
    Set<String> names =
        outcomes.report(claim.transferId()).files().stream()
            .map(ReportedFile::name)
            .collect(toSet());
    try {
      Leftovers leftovers = kept.of(claim);
      leftovers.tidy((name, line) -> names.contains(name));
      return new Remainder(leftovers, folders.remainder(claim));
    } catch (IOException unusable) {
      throw FhirDelivery.workDirectory(unusable);
    }
  }

  /** Whether another pass may get something through. */
  public boolean isOpen(Remainder remainder) {
    return remainder.isOpen();
  }

  /** The next pass; closed with the exchange. */
  public Iterator<?> parcels(Exchange exchange, Remainder remainder) {
    try {
      return CloseWhenDone.with(exchange, remainder.parcels(limits));
    } catch (IOException unusable) {
      throw FhirDelivery.workDirectory(unusable);
    }
  }

  /** Keeps what is left over once more. */
  public void sent(Remainder remainder, Parcel parcel) {
    try {
      remainder.add(parcel);
    } catch (IOException unusable) {
      throw FhirDelivery.workDirectory(unusable);
    }
  }

  /** Looks at what a pass came to. */
  public void endPass(Remainder remainder) {
    try {
      remainder.endPass();
    } catch (IOException unusable) {
      throw FhirDelivery.workDirectory(unusable);
    }
  }

  /**
   * The transfer's Provenance, to be sent like any other change.
   *
   * @throws TransferException {@link FailureReason#SINK_UNAVAILABLE} if the work directory cannot
   *     be used
   */
  public Parcel provenance(DeliveryClaim claim, Remainder remainder) {
    TransferProvenance provenance =
        new TransferProvenance(outcomes.report(claim.transferId()), payers.get(claim.payer()));
    try {
      Optional<String> noted = folders.leftovers(claim).target();
      boolean missing =
          noted.isPresent() && remainder.has(left -> left.entry().url().equals(noted.get()));
      FhirEntry entry =
          provenance.entry(missing ? Optional.empty() : noted, remainder.count(FhirFinish::isPut));
      return new Parcel(0, List.of(List.of(entry)), limits.transaction(), new KnownTargets());
    } catch (IOException unusable) {
      throw FhirDelivery.workDirectory(unusable);
    }
  }

  private static boolean isPut(Leftover leftover) {
    return leftover.entry().method().equals("PUT");
  }

  /**
   * Puts what the server will not have beside the transfer's files, and says so in the variable
   * {@code warnings}; how many of them tell of nothing that is missing is the variable {@code
   * remarks}.
   *
   * @throws TransferException {@link FailureReason#SINK_BUSY} or {@link
   *     FailureReason#SINK_UNAVAILABLE} if some of it may be taken another time
   */
  public void end(
      Exchange exchange,
      DeliveryClaim claim,
      Remainder remainder,
      Parcel provenance,
      FilesInTurn files) {
    List<String> warnings = new ArrayList<>();
    exchange.setVariable("warnings", warnings);
    Path undeliverable = folders.source(claim, Outbox.UNDELIVERABLE);
    List<Leftover> withoutProvenance = provenance.leftovers();
    try {
      if (remainder.has(Leftover::isBusy)
          || withoutProvenance.stream().anyMatch(Leftover::isBusy)) {
        throw new TransferException(
            FailureReason.SINK_BUSY, "the FHIR server was too busy for some of the resources");
      }
      boolean patient =
          files.failures() < PATIENCE || withoutProvenance.stream().anyMatch(Leftover::canPass);
      if (patient && remainder.has(Leftover::canPass)) {
        throw new TransferException(
            FailureReason.SINK_UNAVAILABLE, "the FHIR server failed at some of the resources");
      }
      long cut = remainder.cutReferences();
      if (cut > 0) {
        warnings.add(
            "%s reference(s) to what neither came along nor is at the FHIR server were cut"
                .formatted(cut));
      }
      if (folders.isUnsureOfMember(claim, outcomes.report(claim.transferId()))) {
        exchange.setVariable("remarks", 1);
        warnings.add(
            "none of the Patients is the member for certain: none has got the identifiers that were asked with");
      }
      long subsetted = remainder.subsetted();
      if (subsetted > 0) {
        warnings.add(
            "%s resource(s) are tagged SUBSETTED: the payer sent only a part of each"
                .formatted(subsetted));
      }
      if (remainder.count() == 0) {
        Files.deleteIfExists(undeliverable);
      } else {
        folders.outbox().copy(remainder.file().file(), undeliverable, claim.leaseToken());
        warnings.add(
            "%s resource(s) not taken by the FHIR server, see %s"
                .formatted(remainder.count(), Outbox.UNDELIVERABLE));
      }
    } catch (IOException unusable) {
      throw FhirDelivery.workDirectory(unusable);
    }
    if (!withoutProvenance.isEmpty()) {
      warnings.add(
          "the FHIR server did not take the Provenance: %s"
              .formatted(withoutProvenance.get(0).status()));
    }
  }
}
