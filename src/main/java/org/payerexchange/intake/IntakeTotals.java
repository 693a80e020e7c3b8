package org.payerexchange.intake;

import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;

/**
 * Adds the {@link BatchResult}s of a split up to one {@link IntakeResult}; with each record where
 * the caller answers for its rejections, whose input is bounded.
 */
public final class IntakeTotals implements AggregationStrategy {
  @Override
  public Exchange aggregate(Exchange before, Exchange next) {
    if (!(next.getMessage().getBody() instanceof BatchResult batch)) {
      return before == null ? next : before;
    }
    Exchange sum = before == null ? next : before;
    IntakeResult soFar =
        before == null ? IntakeResult.NONE : before.getMessage().getBody(IntakeResult.class);
    sum.getMessage().setBody(soFar.plus(batch, next.getVariable("rejectionRoute") == null));
    return sum;
  }
}
