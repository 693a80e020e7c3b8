package org.payerexchange.ops;

import java.util.List;
import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.payerexchange.files.DiskReserve;

/** Readiness: there is room on the disks. */
public final class DiskHealth extends AbstractHealthCheck {
  private final DiskReserve disk;

  /** Asks for these. */
  public DiskHealth(DiskReserve disk) {
    super("payer-exchange", "disk");
    this.disk = disk;
  }

  @Override
  public boolean isLiveness() {
    return false;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    List<String> problems = disk.problems();
    if (problems.isEmpty()) {
      builder.up();
    } else {
      builder.message(String.join("; ", problems)).down();
    }
  }
}
