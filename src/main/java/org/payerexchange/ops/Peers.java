package org.payerexchange.ops;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.delivery.Sink;
import org.payerexchange.delivery.Sinks;
import org.payerexchange.ledger.Hold;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.ledger.store.Holds;
import org.payerexchange.ledger.store.PeerQueries;
import org.payerexchange.ledger.store.Waiting;
import org.payerexchange.payer.CallLimits;
import org.payerexchange.payer.CallWindow;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;

/**
 * The payers and sinks as operators see them: those that this node is configured with, those that
 * something still waits for, and those that are held, which an operator may have to end.
 */
public final class Peers {
  private final Payers payers;
  private final Sinks sinks;
  private final PeerQueries queries;
  private final Holds holds;

  /** Of this node and its ledger. */
  public Peers(Payers payers, Sinks sinks, PeerQueries queries, Holds holds) {
    this.payers = payers;
    this.sinks = sinks;
    this.queries = queries;
    this.holds = holds;
  }

  /** The payers, by id. */
  public PayerList payers() {
    Map<String, Map<TransferState, Long>> transfers = queries.openTransfers();
    Map<String, PeerQueries.Work> work = queries.work().get(TokenClient.Kind.PAYER);
    Map<String, Waiting> failing = failing(TokenClient.Kind.PAYER);
    List<Hold> held = held(TokenClient.Kind.PAYER);
    Map<String, Integer> paces = queries.paces();
    Set<String> ids = new TreeSet<>(transfers.keySet());
    ids.addAll(work.keySet());
    payers.all().forEach(payer -> ids.add(payer.id()));
    held.forEach(hold -> ids.add(hold.name()));
    return new PayerList(
        ids.stream()
            .map(
                id ->
                    new PayerView(
                        id,
                        payers.find(id).map(payer -> payer.dialect().key()).orElse(null),
                        payers.find(id).map(Payer::maxParallelRequests).orElse(null),
                        paces.get(id),
                        limit(id, CallLimits::perSecond),
                        limit(id, CallLimits::perMinute),
                        payers
                            .find(id)
                            .flatMap(payer -> payer.limits().window())
                            .map(CallWindow::text)
                            .orElse(null),
                        transfers.getOrDefault(id, Map.of()),
                        work.getOrDefault(id, PeerQueries.Work.NONE),
                        failing.get(id),
                        of(held, id)))
            .toList());
  }

  private Integer limit(String id, Function<CallLimits, Integer> which) {
    return payers.find(id).map(Payer::limits).map(which).filter(calls -> calls > 0).orElse(null);
  }

  /** The outbox, and the sinks beside it in their order. */
  public SinkList sinks() {
    Map<String, PeerQueries.Work> work = queries.work().get(TokenClient.Kind.SINK);
    Map<String, Waiting> failing = failing(TokenClient.Kind.SINK);
    List<Hold> held = held(TokenClient.Kind.SINK);
    List<SinkView> all = new ArrayList<>();
    all.add(view(Waiting.OUTBOX, null, work, failing, held));
    for (Sink sink : sinks.all()) {
      all.add(view(sink.name(), sink.kind(), work, failing, held));
    }
    Set<String> others = new TreeSet<>(work.keySet());
    held.forEach(hold -> others.add(hold.name()));
    others.remove(Waiting.OUTBOX);
    others.removeAll(sinks.names());
    others.forEach(name -> all.add(view(name, null, work, failing, held)));
    return new SinkList(all);
  }

  private static SinkView view(
      String name,
      Sink.Kind kind,
      Map<String, PeerQueries.Work> work,
      Map<String, Waiting> failing,
      List<Hold> held) {
    return new SinkView(
        name,
        kind,
        key(name),
        work.getOrDefault(name, PeerQueries.Work.NONE),
        failing.get(name),
        of(held, name));
  }

  private static String key(String sink) {
    return switch (sink) {
      case Waiting.OUTBOX -> "p2p.outbox.directory";
      case Waiting.OUTCOME_QUEUE -> "p2p.jms.outcome-queue";
      default -> Sinks.key(sink);
    };
  }

  private Map<String, Waiting> failing(TokenClient.Kind kind) {
    return queries.failing().getOrDefault(kind, Map.of());
  }

  private List<Hold> held(TokenClient.Kind kind) {
    return holds.all().stream().filter(hold -> hold.kind().equals(kind.key())).toList();
  }

  private static List<Hold> of(List<Hold> held, String name) {
    return held.stream().filter(hold -> hold.name().equals(name)).toList();
  }

  /** All payers. */
  public record PayerList(List<PayerView> payers) {}

  /** All sinks. */
  public record SinkList(List<SinkView> sinks) {}

  /**
   * A payer.
   *
   * @param dialect null where it is not configured on this node
   * @param maxParallelRequests how many of its steps may run at once, over all nodes; null as well
   * @param parallelRequestsNow how many may run now, where it does not bear as many; null where it
   *     does
   * @param callsPerSecond how often it may be called in any second; null for as often as there is
   *     work
   * @param callsPerMinute how often in any minute; null as well
   * @param callWindow at what hours it may be called, as it is configured; null for all
   * @param transfers the open ones by state
   * @param work what is to be done at it
   * @param failing what has failed there for the longest time and is tried again, or null
   * @param held why none of it is done now; empty if nothing keeps it from that
   */
  public record PayerView(
      String id,
      String dialect,
      Integer maxParallelRequests,
      Integer parallelRequestsNow,
      Integer callsPerSecond,
      Integer callsPerMinute,
      String callWindow,
      Map<TransferState, Long> transfers,
      PeerQueries.Work work,
      Waiting failing,
      List<Hold> held) {}

  /**
   * A sink.
   *
   * @param name what the ledger calls it, {@code outbox}, or {@code outcome-queue} while that fails
   * @param kind null of these two, and where it is not configured on this node
   * @param key what configures it
   * @param work the deliveries to it, one for each transfer; of these two the steps that fail there
   * @param failing what has failed there for the longest time and is tried again, or null
   * @param held why none of it is done now; empty if nothing keeps it from that
   */
  public record SinkView(
      String name,
      Sink.Kind kind,
      String key,
      PeerQueries.Work work,
      Waiting failing,
      List<Hold> held) {}
}
