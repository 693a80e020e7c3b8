package org.payerexchange.delivery.fhir;

import static java.util.stream.Collectors.toSet;

import ca.uhn.fhir.rest.client.exceptions.FhirClientConnectionException;
import ca.uhn.fhir.rest.server.exceptions.BaseServerResponseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;
import org.payerexchange.delivery.FilesInTurn;
import org.payerexchange.delivery.NdjsonLines;
import org.payerexchange.http.CloseWhenDone;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.StoredFile;
import org.payerexchange.ledger.TransferReport;
import org.payerexchange.ledger.store.DeliveryLedger;
import org.payerexchange.ledger.store.OutcomeLedger;
import org.payerexchange.ledger.store.TransferLedger;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;
import org.payerexchange.step.Causes;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.KeptLease;
import org.payerexchange.step.TransferException;

/**
 * The steps of bringing one file to the FHIR server: parcels of changes, the Bundles of each, and
 * what their answers mean.
 */
public final class FhirDelivery {
  /** What a Bundle may be refused with for what is in it. */
  private static final Set<Integer> ABOUT_CONTENT = Set.of(400, 409, 412, 413, 422);

  /** What a whole Bundle is refused with for where and by whom it was sent, whatever is in it. */
  private static final Set<Integer> ABOUT_SENDER = Set.of(402, 403, 404, 405, 406, 407, 415);

  /** What a server answers to a Bundle of a type that it does not know, or not at its base URL. */
  private static final Set<Integer> NO_BUNDLES = Set.of(404, 405, 501);

  /** A server that fails as often at one Bundle is taken to fail at what is in it. */
  private static final int PATIENCE = 3;

  private final FhirServer server;
  private final ServerPace pace;
  private final BundleLimits limits;
  private final FhirTypes types;
  private final FhirFolders folders;
  private final KeptLeftovers kept;
  private final Payers payers;
  private final OutcomeLedger outcomes;
  private final TransferLedger transfers;
  private final DeliveryLedger ledger;
  private final Executor packers;
  private final Clock clock;

  /**
   * Wires it.
   *
   * @param server where changes go
   * @param pace how many Bundles it gets at once
   * @param limits how much goes into a Bundle
   * @param types what a payer may bring
   * @param folders where files lie
   * @param kept what is left over
   * @param payers where they came from
   * @param outcomes knows the transfer's files
   * @param transfers knows the member that was asked for
   * @param ledger learns how far the file has got
   * @param packers pack a parcel while the server works on the one before it; run at once what they
   *     are given
   * @param clock paces what it learns
   */
  public FhirDelivery(
      FhirServer server,
      ServerPace pace,
      BundleLimits limits,
      FhirTypes types,
      FhirFolders folders,
      KeptLeftovers kept,
      Payers payers,
      OutcomeLedger outcomes,
      TransferLedger transfers,
      DeliveryLedger ledger,
      Executor packers,
      Clock clock) {
    this.server = server;
    this.pace = pace;
    this.limits = limits;
    this.types = types;
    this.folders = folders;
    this.kept = kept;
    this.payers = payers;
    this.outcomes = outcomes;
    this.transfers = transfers;
    this.ledger = ledger;
    this.packers = packers;
    this.clock = clock;
  }

  /**
   * What the server has not had yet, and the variable {@code parcels}; closed with the exchange.
   *
   * @throws TransferException {@link FailureReason#SINK_UNAVAILABLE} if the work directory cannot
   *     be used, {@link FailureReason#LEASE_LOST} if other files have to be fetched again first, or
   *     all are sent again
   */
  public Iterator<?> parcels(
      Exchange exchange, DeliveryClaim claim, FilesInTurn files, StoredFile file) {
    TransferReport transfer = outcomes.report(claim.transferId());
    SentSoFar sent = new SentSoFar(ledger, claim, files, file, clock);
    try {
      List<Integer> missing = folders.missing(claim, transfer);
      if (!missing.isEmpty()) {
        ledger.fetchAgain(claim, missing);
        throw new TransferException(
            FailureReason.LEASE_LOST, "files of the transfer are fetched again first");
      }
      LeftSoFar left = left(claim, file, transfer);
      FhirParcels parcels =
          new FhirParcels(
              file.name(),
              new NdjsonLines(Files.newInputStream(folders.source(claim, file.name()))),
              file.position(),
              reader(claim, file, transfer, left),
              limits,
              server.baseUrl());
      ParcelsInFlight inFlight =
          new ParcelsInFlight(new ReadAhead<>(parcels, packers), file.name(), pace, left, sent);
      exchange.setVariable("parcels", inFlight);
      return CloseWhenDone.with(exchange, inFlight);
    } catch (IOException | UncheckedIOException unusable) {
      throw workDirectory(unusable);
    }
  }

  /** Of the transfer's files, and what comes behind the place where the delivery goes on. */
  private LeftSoFar left(DeliveryClaim claim, StoredFile file, TransferReport transfer)
      throws IOException {
    Leftovers leftovers = kept.of(claim);
    Set<String> names =
        transfer.files().stream().map(TransferReport.ReportedFile::name).collect(toSet());
    leftovers.tidy(
        (name, line) ->
            names.contains(name) && !(name.equals(file.name()) && line > file.position()));
    return new LeftSoFar(leftovers);
  }

  private FhirParcels.LineReader reader(
      DeliveryClaim claim, StoredFile file, TransferReport transfer, LeftSoFar left)
      throws IOException {
    Payer payer = payers.get(claim.payer());
    ServerBase base = ServerBase.of(server);
    if (file.kind() == FileKind.DELETED) {
      DeletedResources deleted = new DeletedResources(payer, base, types);
      return (line, json) -> deleted.read(file.name(), line, json);
    }
    TransferIds known = folders.ids(claim, transfer);
    ReceivedMember member =
        ReceivedMember.of(transfers.request(transfer.transferId()).orElse("{}"));
    return new OutputLines(
        file,
        types,
        known,
        new ResourceRewriter(payer, base, known, types),
        new SourceIds(payer.baseUrl().toString(), types),
        member,
        folders.member(claim, transfer, known, member),
        left,
        new StableIds(payer.id()));
  }

  /** Has it known when a parcel is sent no more. */
  public Parcel watch(Exchange exchange, Parcel parcel, ParcelsInFlight parcels) {
    exchange
        .getExchangeExtension()
        .addOnCompletion(
            new SynchronizationAdapter() {
              @Override
              public void onComplete(Exchange done) {
                parcels.end(true);
              }

              @Override
              public void onFailure(Exchange failed) {
                if (isBusy(failed.getException())) {
                  pace.slowDown();
                }
                parcels.end(false);
              }
            });
    return parcel;
  }

  private static boolean isBusy(Throwable failure) {
    return Causes.find(failure, TransferException.class)
        .filter(known -> known.reason() == FailureReason.SINK_BUSY)
        .isPresent();
  }

  /** Whether a parcel is not settled yet. */
  public boolean isOpen(Parcel parcel) {
    return parcel.isOpen();
  }

  /** The next Bundle of a parcel. */
  public String bundle(Parcel parcel, KeptLease lease) {
    lease.check();
    return parcel.bundle(server.baseUrl());
  }

  /**
   * Reads what became of a Bundle.
   *
   * @param answer the server's Bundle, or the exception that it was refused with
   * @throws TransferException {@link FailureReason#SINK_UNAVAILABLE} or {@link
   *     FailureReason#SINK_REFUSED} if it was refused for another reason than what is in it, {@link
   *     FailureReason#BAD_ANSWER}
   */
  public void settle(Object answer, Parcel parcel, FilesInTurn files) {
    if (answer instanceof Throwable failure) {
      Optional<AnswerTooLarge> tooLarge = Causes.find(failure, AnswerTooLarge.class);
      if (tooLarge.isPresent()) {
        askInHalves(parcel, tooLarge.get());
        return;
      }
      BaseServerResponseException refusal = refusal(failure);
      if (Leftover.CONFLICTS.contains(refusal.getStatusCode())) {
        pace.slowDown();
      }
      JsonNode outcome = outcome(refusal.getResponseBody());
      if (parcel.isLastResort() || !NO_BUNDLES.contains(refusal.getStatusCode())) {
        requireContent(refusal.getStatusCode(), outcome, files.failures());
      }
      parcel.refused(refusal.getStatusCode(), outcome);
    } else {
      parcel.answered(parse(String.valueOf(answer)));
    }
  }

  private static void askInHalves(Parcel parcel, AnswerTooLarge tooLarge) {
    if (!parcel.isAskedInHalves()) {
      throw new TransferException(FailureReason.SINK_UNAVAILABLE, tooLarge.getMessage(), tooLarge);
    }
  }

  private static BaseServerResponseException refusal(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      // which says 500, although the server said nothing
      if (cause instanceof FhirClientConnectionException) {
        throw new TransferException(
            FailureReason.SINK_UNAVAILABLE, "no answer from the FHIR server", cause);
      }
      if (cause instanceof BaseServerResponseException refusal) {
        return refusal;
      }
    }
    throw new IllegalStateException("not an answer of a FHIR server", failure);
  }

  private static void requireContent(int status, JsonNode outcome, int failures) {
    boolean failed = status >= 500 || status == 408;
    if (failed && (status != 500 || failures < PATIENCE)) {
      throw new TransferException(
          FailureReason.SINK_UNAVAILABLE, "the FHIR server answered " + status);
    }
    boolean aboutContent =
        ABOUT_CONTENT.contains(status) || (outcome != null && !ABOUT_SENDER.contains(status));
    if (!failed && !aboutContent) {
      throw new TransferException(FailureReason.SINK_REFUSED, "the FHIR server answered " + status);
    }
  }

  private static JsonNode outcome(String body) {
    try {
      JsonNode json = body == null ? null : FhirJson.read(body);
      return json != null && json.path("resourceType").asText().equals("OperationOutcome")
          ? json
          : null;
    } catch (JsonProcessingException other) {
      return null;
    }
  }

  private static JsonNode parse(String answer) {
    try {
      return FhirJson.readKept(answer);
    } catch (JsonProcessingException unreadable) {
      throw new TransferException(FailureReason.BAD_ANSWER, "the FHIR server's answer is not JSON");
    }
  }

  /**
   * Keeps what is left over, and notes how far the server has got behind that.
   *
   * @throws TransferException {@link FailureReason#LEASE_LOST} if the row is another node's by now
   */
  public void sent(Parcel parcel, ParcelsInFlight parcels) {
    try {
      parcels.settle(parcel);
    } catch (IOException unusable) {
      throw workDirectory(unusable);
    }
  }

  static TransferException workDirectory(Exception cause) {
    return new TransferException(
        FailureReason.SINK_UNAVAILABLE, "the work directory cannot be used", cause);
  }
}
