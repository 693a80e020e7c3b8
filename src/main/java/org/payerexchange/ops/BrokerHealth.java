package org.payerexchange.ops;

import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.payerexchange.intake.JmsConnections;

/**
 * A detail of readiness: whether the broker can be reached. A node without it goes on with what
 * comes by file and HTTP, and sends again later what is for a queue.
 */
public final class BrokerHealth extends AbstractHealthCheck {
  private final JmsConnections connections;

  /** Asks for this broker. */
  public BrokerHealth(JmsConnections connections) {
    super("payer-exchange", "broker");
    this.connections = connections;
  }

  @Override
  public boolean isLiveness() {
    return false;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    if (!connections.configured()) {
      builder.message("off").up();
    } else {
      builder.message(connections.reachable() ? "reachable" : "away").up();
    }
  }
}
