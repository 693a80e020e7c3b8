package org.payerexchange.ops;

import java.util.List;
import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.payerexchange.intake.Inbox;

/** A detail of readiness: what lies in the inbox for long without being taken. */
public final class InboxHealth extends AbstractHealthCheck {
  private final Inbox inbox;

  /** Asks this inbox. */
  public InboxHealth(Inbox inbox) {
    super("payer-exchange", "inbox");
    this.inbox = inbox;
  }

  @Override
  public boolean isLiveness() {
    return false;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    List<String> untaken = inbox.untaken();
    builder
        .message(
            untaken.isEmpty()
                ? "nothing is left lying"
                : "not taken: " + String.join("; ", untaken))
        .up();
  }
}
