package org.payerexchange.delivery;

import static java.util.stream.Collectors.toUnmodifiableMap;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Variable;
import org.payerexchange.download.StagedFiles;
import org.payerexchange.files.SharedFolders;
import org.payerexchange.ledger.DeliveryClaim;
import org.payerexchange.ledger.DeliveryEnd;
import org.payerexchange.ledger.DeliveryLedger;
import org.payerexchange.ledger.FetchedFile;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.OutputFileLedger;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.KeptLease;
import org.payerexchange.step.Slots;
import org.payerexchange.step.TransferException;

/** The steps of a delivery: one staged file to one sink. */
public final class Deliveries {
  private final Sinks sinks;
  private final StagedFiles staged;
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
   * @param staged where they come from
   * @param outbox the directory sink
   * @param files learns of fetched files and of staged ones that are not what they were
   * @param ledger hands out deliveries, and learns of what was delivered
   * @param parallel how many deliveries to one sink run at once on this node
   * @param folders whether this node may deliver at all
   * @param patience how long a delivery to a sink that this node does not know is left to nodes
   *     that may; then it fails
   */
  public Deliveries(
      Sinks sinks,
      StagedFiles staged,
      Outbox outbox,
      OutputFileLedger files,
      DeliveryLedger ledger,
      int parallel,
      SharedFolders folders,
      Duration patience) {
    this.sinks = sinks;
    this.staged = staged;
    this.outbox = outbox;
    this.files = files;
    this.ledger = ledger;
    this.folders = folders;
    this.patience = patience;
    this.endpoints =
        sinks.all().stream()
            .filter(sink -> sink.kind() != Sink.Kind.DIRECTORY)
            .collect(toUnmodifiableMap(Sink::name, sink -> new Slots(parallel)));
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
    try {
      claims.addAll(others.fill(max -> ledger.claimForRest(names, Sinks.DIRECTORY, patience, max)));
      endpoints.forEach(
          (sink, slots) -> claims.addAll(slots.fill(max -> claim(sinks.get(sink), max))));
    } catch (RuntimeException ledgerAway) {
      // what was claimed before has its slots, which only its delivery frees
      if (claims.isEmpty()) {
        throw ledgerAway;
      }
    }
    return claims;
  }

  private List<DeliveryClaim> claim(Sink sink, int max) {
    return sink.kind() == Sink.Kind.FHIR
        ? ledger.claimForSinkOnceFetched(sink.name(), max)
        : ledger.claimForSink(sink.name(), max);
  }

  /** Has the sink's slot freed no later than the delivery's exchange is done. */
  public Slots.Held hold(Exchange exchange, @Body DeliveryClaim claim) {
    return endpoints.getOrDefault(claim.sink(), others).hold(exchange);
  }

  /** Frees the slot of a delivery that has ended. */
  public void free(@Variable("slot") Slots.Held slot) {
    slot.free();
  }

  /**
   * Records a fetched file and what is to be delivered of it: one delivery for each sink; none of
   * an error file that could not be had.
   *
   * @return false if the row is another node's by now
   */
  public boolean plan(@Variable("claim") OutputFileClaim claim, @Body FetchedFile file) {
    boolean nothing = claim.kind() == FileKind.ERROR && file.bytes() == 0;
    return nothing
        ? files.fetched(claim, file, Map.of(), Set.of())
        : files.fetched(claim, summedUp(claim, file), turns(claim), summing());
  }

  /** An error file's content becomes a warning. */
  private FetchedFile summedUp(OutputFileClaim claim, FetchedFile file) {
    if (claim.kind() != FileKind.ERROR) {
      return file;
    }
    try {
      List<String> warnings = new ArrayList<>(file.warnings());
      warnings.add(ErrorFileSummary.of(staged.open(claim.transferId(), claim.name())));
      return new FetchedFile(file.resources(), file.bytes(), file.sha256(), warnings);
    } catch (IOException unreadable) {
      throw unavailable("the work directory cannot be read", unreadable);
    }
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
    RESOURCES_TO_URI,
    RESOURCES_TO_FHIR_SERVER
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
      case FHIR -> Todo.RESOURCES_TO_FHIR_SERVER;
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
   * Where the transfer was cancelled meanwhile, the directory has nothing of it.
   *
   * @param warnings what it took of the transfer with reservations, in words for the operator; null
   *     unless it was the last file
   * @return whether an export job ended with it, so that there is more to be done
   * @throws TransferException {@link FailureReason#SINK_UNAVAILABLE} if a file cannot be deleted
   */
  public boolean done(
      @Variable("claim") DeliveryClaim claim, @Variable("warnings") List<String> warnings) {
    Optional<DeliveryEnd> end =
        warnings == null ? ledger.done(claim) : ledger.doneLast(claim, warnings);
    try {
      if (end.map(DeliveryEnd::file).orElse(false)) {
        staged.delete(claim.transferId(), claim.name());
      }
      if (end.isEmpty() && ledger.isCancelled(claim) && isToDirectory(claim)) {
        outbox.delete(target(claim));
      }
    } catch (IOException undeletable) {
      throw unavailable("the work or outbox directory cannot be cleared", undeletable);
    }
    return end.map(DeliveryEnd::job).orElse(false);
  }

  private boolean isToDirectory(DeliveryClaim claim) {
    return sinks.get(claim.sink()).kind() == Sink.Kind.DIRECTORY;
  }

  private Path target(DeliveryClaim claim) {
    return outbox.file(claim.payer(), claim.transferId(), claim.name());
  }

  private static TransferException unavailable(String what, IOException cause) {
    return new TransferException(FailureReason.SINK_UNAVAILABLE, what, cause);
  }
}
