package org.payerexchange.ops;

import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.Objects;

/** What runs: {@code p2p_node_build_info{version,camel,java}}, always 1. */
public final class BuildMetrics implements Collector {
  private final String camel;

  /** Tells the version of Camel beside our own. */
  public BuildMetrics(String camel) {
    this.camel = camel;
  }

  @Override
  public MetricSnapshot collect() {
    String version = BuildMetrics.class.getPackage().getImplementationVersion();
    return InfoSnapshot.builder()
        .name("p2p_node_build")
        .help("What this node runs")
        .dataPoint(
            InfoDataPointSnapshot.builder()
                .labels(
                    Labels.of(
                        "version",
                        Objects.requireNonNullElse(version, "built here"),
                        "camel",
                        camel,
                        "java",
                        System.getProperty("java.version")))
                .build())
        .build();
  }
}
