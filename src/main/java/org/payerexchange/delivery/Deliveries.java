package org.payerexchange.delivery;

import static java.util.stream.Collectors.toUnmodifiableMap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Variable;
import org.payerexchange.files.Outbox;
import org.payerexchange.files.SharedFolders;
import org.payerexchange.http.CloseWhenDone;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.DeliveryLedger;
import org.payerexchange.ledger.FetchedFile;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.OutputFileLedger;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Slots;
import org.payerexchange.step.TransferException;

/**
 * What is to be delivered of a download, and the steps of a delivery: one stored file to one sink.
 */
public final class Deliveries {
  private final Sinks sinks;
  private final Outbox outbox;
  private final OutputFileLedger files;
  private final DeliveryLedger ledger;
  private final SharedFolders folders;
  private final Duration patience;
  private final Map<String, Slots> endpoints;
  private final Slots others;

  /**
   * Wires it.
   *
   * @param sinks where files go
   * @param outbox where they come from
   * @param files learns of stored files
   * @param ledger hands out deliveries, and learns of what was delivered, or is not what it was
   * @param parallel how many deliveries to one sink run at once on this node
   * @param folders whether this node may deliver at all
   * @param patience how long a delivery to a sink that this node does not know is left to nodes
   *     that may; then it fails
   */
  public Deliveries(
      Sinks sinks,
      Outbox outbox,
      OutputFileLedger files,
      DeliveryLedger ledger,
      int parallel,
      SharedFolders folders,
      Duration patience) {
    this.sinks = sinks;
    this.outbox = outbox;
    this.files = files;
    this.ledger = ledger;
    this.folders = folders;
    this.patience = patience;
    this.endpoints =
        sinks.all().stream().collect(toUnmodifiableMap(Sink::name, sink -> new Slots(parallel)));
    this.others = new Slots(parallel);
  }

  /**
   * Claims as many deliveries as each sink has free slots, so that none holds another up. None
   * where the folders are not those that all nodes share.
   */
  public List<DeliveryClaim> claim() {
    if (!folders.areSeen()) {
      return List.of();
    }
    List<String> names = List.copyOf(endpoints.keySet());
    List<DeliveryClaim> claims = new ArrayList<>();
    RuntimeException ledgerAway = null;
    try {
      claims.addAll(others.fill(max -> ledger.claimForRest(names, patience, max)));
    } catch (RuntimeException away) {
      ledgerAway = away;
    }
    for (String sink : names) {
      try {
        claims.addAll(endpoints.get(sink).fill(max -> claim(sinks.get(sink), max)));
      } catch (RuntimeException away) {
        ledgerAway = away;
      }
    }
    // what was claimed has its slots, which only its delivery frees
    if (claims.isEmpty() && ledgerAway != null) {
      throw ledgerAway;
    }
    return claims;
  }

  private List<DeliveryClaim> claim(Sink sink, int max) {
    return sink.kind() == Sink.Kind.FHIR
        ? ledger.claimForSinkOnceFetched(sink.name(), max)
        : ledger.claimForSink(sink.name(), max);
  }

  /** Whether anything is delivered beside the outbox. */
  public boolean hasSinks() {
    return !endpoints.isEmpty();
  }

  /** Has the sink's slot freed no later than the delivery's exchange is done. */
  public Slots.Slot hold(Exchange exchange, @Body DeliveryClaim claim) {
    return CloseWhenDone.with(exchange, endpoints.getOrDefault(claim.sink(), others).hold());
  }

  /** Frees the slot of a delivery that has ended. */
  public void free(@Variable("slot") Slots.Slot slot) {
    slot.close();
  }

  /**
   * Records a stored file and what is to be delivered of it: one delivery for each sink; none of an
   * error file that could not be had. One that nobody asks for any more leaves the outbox again.
   *
   * @return false if the row is another node's by now
   * @throws TransferException {@link FailureReason#SINK_UNAVAILABLE} if the outbox cannot be used
   */
  public boolean plan(@Variable("claim") OutputFileClaim claim, @Body FetchedFile file) {
    if (claim.kind() == FileKind.ERROR && file.bytes() == 0) {
      return files.stored(claim, file, Map.of(), Set.of());
    }
    Path stored = outbox.file(claim.payer(), claim.transferId(), claim.name());
    try {
      boolean done = files.stored(claim, summedUp(claim, file, stored), turns(claim), summing());
      if (!done && files.isNobodys(claim)) {
        Files.deleteIfExists(stored);
      }
      return done;
    } catch (IOException unusable) {
      throw unavailable(unusable);
    }
  }

  /** An error file's content becomes a warning. */
  private static FetchedFile summedUp(OutputFileClaim claim, FetchedFile file, Path stored)
      throws IOException {
    if (claim.kind() != FileKind.ERROR) {
      return file;
    }
    List<String> warnings = new ArrayList<>(file.warnings());
    warnings.add(ErrorFileSummary.of(Files.newInputStream(stored)));
    return new FetchedFile(file.resources(), file.bytes(), file.sha256(), file.stamp(), warnings);
  }

  /** A FHIR server has no use for error files, and an order of its own. */
  private Map<String, Long> turns(OutputFileClaim file) {
    return sinks.all().stream()
        .filter(sink -> sink.kind() != Sink.Kind.FHIR || file.kind() != FileKind.ERROR)
        .collect(toUnmodifiableMap(Sink::name, sink -> turn(sink, file)));
  }

  private Set<String> summing() {
    return sinks.all().stream()
        .filter(sink -> sink.kind() == Sink.Kind.FHIR)
        .map(Sink::name)
        .collect(Collectors.toSet());
  }

  private static long turn(Sink sink, OutputFileClaim file) {
    return sink.kind() == Sink.Kind.FHIR
        ? DeliveryOrder.turn(file.kind(), file.resourceType(), file.number())
        : file.number();
  }

  /**
   * Finds out what is to be done, and sets the variables {@code todo} and, for an endpoint, {@code
   * sinkUri}.
   *
   * @throws TransferException {@link FailureReason#SINK_REFUSED} if the sink is not configured any
   *     more, {@link FailureReason#SINK_UNAVAILABLE} if the outbox cannot be read
   */
  public void begin(Exchange exchange, @Variable("claim") DeliveryClaim claim) {
    Sink sink = sinks.get(claim.sink());
    exchange.setVariable("sinkUri", sink.uri());
    exchange.setVariable("todo", todo(claim, sink).name());
  }

  /** What a delivery comes to. */
  private enum Todo {
    FETCH_AGAIN,
    FILE_TO_URI,
    RESOURCES_TO_URI,
    RESOURCES_TO_FHIR_SERVER
  }

  private Todo todo(DeliveryClaim claim, Sink sink) {
    Path file = outbox.file(claim.payer(), claim.transferId(), claim.name());
    try {
      if (!outbox.holds(file, claim.bytes(), claim.sha256(), claim.stamp())) {
        return Todo.FETCH_AGAIN;
      }
    } catch (IOException unreadable) {
      throw unavailable(unreadable);
    }
    return switch (sink.kind()) {
      case FILE -> Todo.FILE_TO_URI;
      case RESOURCE, BUNDLE -> Todo.RESOURCES_TO_URI;
      case FHIR -> Todo.RESOURCES_TO_FHIR_SERVER;
    };
  }

  /** Has a file downloaded again that is not in the outbox, or not as it was. */
  public boolean fetchAgain(@Variable("claim") DeliveryClaim claim) {
    return ledger.fetchAgain(claim, List.of(claim.number()));
  }

  /**
   * Records that the sink has taken the file.
   *
   * @param warnings what it took of the transfer with reservations, in words for the operator; null
   *     unless it was the last file
   * @return whether an export job ended with it, so that there is more to be done
   */
  public boolean done(
      @Variable("claim") DeliveryClaim claim, @Variable("warnings") List<String> warnings) {
    return (warnings == null ? ledger.done(claim) : ledger.doneLast(claim, warnings)).orElse(false);
  }

  private static TransferException unavailable(IOException cause) {
    return new TransferException(
        FailureReason.SINK_UNAVAILABLE, "the outbox directory cannot be used", cause);
  }
}
