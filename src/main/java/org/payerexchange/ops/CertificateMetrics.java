package org.payerexchange.ops;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;

/**
 * How long our own certificates are good, looked at whenever it is asked for: {@code
 * p2p_certificate_left_seconds{kind,name,key}}.
 */
public final class CertificateMetrics implements MultiCollector {
  private final OwnCertificates certificates;

  /** Looks at these. */
  public CertificateMetrics(OwnCertificates certificates) {
    this.certificates = certificates;
  }

  @Override
  public MetricSnapshots collect() {
    GaugeSnapshot.Builder gauge =
        GaugeSnapshot.builder()
            .name("p2p_certificate_left_seconds")
            .help("How long one of our own certificates is good");
    certificates
        .all()
        .forEach(
            each ->
                gauge.dataPoint(
                    GaugeDataPointSnapshot.builder()
                        .labels(
                            Labels.of("kind", each.kind(), "name", each.name(), "key", each.key()))
                        .value((double) certificates.left(each).toSeconds())
                        .build()));
    return MetricSnapshots.of(gauge.build());
  }
}
