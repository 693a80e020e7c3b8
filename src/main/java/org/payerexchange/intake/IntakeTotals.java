package org.payerexchange.intake;

import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;

/** Adds the {@link BatchResult}s of a split up to one {@link IntakeResult}. */
public final class IntakeTotals implements AggregationStrategy {
  @Override
  public Exchange aggregate(Exchange before, Exchange next) {
    if (!(next.getMessage().getBody() instanceof BatchResult batch)) {
      return before == null ? next : before;
    }
    if (before == null) {
      next.getMessage().setBody(IntakeResult.of(batch));
      return next;
    }
    IntakeResult soFar = before.getMessage().getBody(IntakeResult.class);
    before.getMessage().setBody(soFar.plus(batch));
    return before;
  }
}
