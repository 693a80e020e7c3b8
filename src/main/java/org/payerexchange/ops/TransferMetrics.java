package org.payerexchange.ops;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.payerexchange.ledger.Hold;
import org.payerexchange.ledger.OpenBatches;
import org.payerexchange.ledger.SinkBacklog;
import org.payerexchange.ledger.store.BatchQueries;
import org.payerexchange.ledger.store.DatabaseAway;
import org.payerexchange.ledger.store.Holds;
import org.payerexchange.ledger.store.TransferQueries;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Figures of the whole ledger, read from it whenever they are asked for: {@code
 * p2p_transfers{payer,state}}, {@code p2p_oldest_due_seconds{stage}}, {@code
 * p2p_downloaded_bytes{payer}}, {@code p2p_takeovers_total{payer}}, {@code
 * p2p_held_seconds{kind,name,reason}}, {@code p2p_open_deliveries{sink}}, {@code
 * p2p_failing_deliveries{sink}}, {@code p2p_failing_delivery_seconds{sink}}, {@code
 * p2p_batches{payer}}, {@code p2p_oldest_batch_seconds{payer}} and {@code
 * p2p_batch_members{payer,outcome}}; and whether it can be read: {@code p2p_node_ledger_up}.
 */
public final class TransferMetrics implements MultiCollector {
  private static final Logger LOG = LoggerFactory.getLogger(TransferMetrics.class);

  private final TransferQueries queries;
  private final BatchQueries batches;
  private final Holds holds;
  private final DatabaseLook look;

  /**
   * Reads this ledger.
   *
   * @param look tells first whether it answers, so that a scrape does not wait in vain
   */
  public TransferMetrics(
      TransferQueries queries, BatchQueries batches, Holds holds, DatabaseLook look) {
    this.look = look;
    this.queries = queries;
    this.batches = batches;
    this.holds = holds;
  }

  /** While the ledger is away its figures are left out; those of the node are told all the same. */
  @Override
  public MetricSnapshots collect() {
    if (!look.answers()) {
      return MetricSnapshots.of(up(false));
    }
    try {
      return ofTheLedger();
    } catch (DataAccessException | TransactionException failed) {
      if (!DatabaseAway.isWhy(failed)) {
        LOG.warn("The ledger's figures cannot be read: {}", failed.getClass().getName());
      }
      return MetricSnapshots.of(up(false));
    }
  }

  private static GaugeSnapshot up(boolean isUp) {
    return GaugeSnapshot.builder()
        .name("p2p_node_ledger_up")
        .help("Whether this node can read the ledger: 1, or 0 and none of its figures")
        .dataPoint(point(Labels.EMPTY, isUp ? 1 : 0))
        .build();
  }

  private MetricSnapshots ofTheLedger() {
    Map<String, OpenBatches.OfPayer> open = batches.openByPayer();
    Map<String, SinkBacklog> backlogs = queries.backlogs();
    return MetricSnapshots.of(
        up(true),
        byPayer("p2p_transfers", "Transfers by payer and state", "state", queries.counts()),
        gauge(
            "p2p_oldest_due_seconds",
            "How long the oldest due row of a stage has waited",
            "stage",
            queries.oldestDue(),
            TransferMetrics::seconds),
        gauge(
            "p2p_downloaded_bytes",
            "Bytes downloaded whole and checked, of the transfers in the ledger",
            "payer",
            queries.bytes(),
            Long::doubleValue),
        takeovers(),
        held(),
        gauge(
            "p2p_open_deliveries",
            "Transfers that a sink beside the outbox is still to have",
            "sink",
            backlogs,
            backlog -> (double) backlog.open()),
        gauge(
            "p2p_failing_deliveries",
            "Those of them whose latest try has failed",
            "sink",
            backlogs,
            backlog -> (double) backlog.failing()),
        gauge(
            "p2p_failing_delivery_seconds",
            "For how long the one that failed first has failed since",
            "sink",
            backlogs,
            backlog -> seconds(backlog.longest())),
        gauge(
            "p2p_batches",
            "Batches of members of which something is left to be done",
            "payer",
            open,
            of -> (double) of.count()),
        gauge(
            "p2p_oldest_batch_seconds",
            "How long ago the oldest of these was opened",
            "payer",
            open,
            of -> seconds(of.oldest())),
        byPayer(
            "p2p_batch_members",
            "Members of batches by what has become of them, ended ones too",
            "outcome",
            batches.outcomes()));
  }

  /** One figure for each value of a label. */
  private static <T> GaugeSnapshot gauge(
      String name, String help, String label, Map<?, T> values, ToDoubleFunction<T> figure) {
    GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(help);
    values.forEach(
        (key, value) ->
            gauge.dataPoint(point(Labels.of(label, key.toString()), figure.applyAsDouble(value))));
    return gauge.build();
  }

  /** How many of each kind every payer has. */
  private static <E extends Enum<E>> GaugeSnapshot byPayer(
      String name, String help, String label, Map<String, Map<E, Long>> counts) {
    GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(help);
    counts.forEach(
        (payer, kinds) ->
            kinds.forEach(
                (kind, count) ->
                    gauge.dataPoint(point(Labels.of("payer", payer, label, kind.name()), count))));
    return gauge.build();
  }

  private CounterSnapshot takeovers() {
    CounterSnapshot.Builder counter =
        CounterSnapshot.builder()
            .name("p2p_takeovers")
            .help("Rows that a node took over from one whose lease had run out");
    queries
        .takeovers()
        .forEach(
            (payer, count) ->
                counter.dataPoint(
                    CounterSnapshot.CounterDataPointSnapshot.builder()
                        .labels(Labels.of("payer", payer))
                        .value((double) count)
                        .build()));
    return counter.build();
  }

  private GaugeSnapshot held() {
    GaugeSnapshot.Builder gauge =
        GaugeSnapshot.builder()
            .name("p2p_held_seconds")
            .help("How long a payer or sink has been held");
    for (Hold hold : holds.all()) {
      Labels labels =
          Labels.of("kind", hold.kind(), "name", hold.name(), "reason", hold.reason().name());
      gauge.dataPoint(point(labels, seconds(hold.time())));
    }
    return gauge.build();
  }

  private static GaugeDataPointSnapshot point(Labels labels, double value) {
    return GaugeDataPointSnapshot.builder().labels(labels).value(value).build();
  }

  private static double seconds(Duration age) {
    return age.toMillis() / 1000.0;
  }
}
