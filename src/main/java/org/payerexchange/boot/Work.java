package org.payerexchange.boot;

import java.util.List;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.support.SynchronizationAdapter;
import org.apache.camel.util.function.Suppliers;
import org.payerexchange.ledger.store.Leases;
import org.payerexchange.step.Causes;
import org.payerexchange.step.Claim;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;
import org.payerexchange.trace.StepSpan;
import org.payerexchange.trace.TransferTraces;

/** What the routes of {@code work.camel.yaml} do with steps. */
public final class Work {
  private static final String WAKE = "direct:wake-work";

  private final CamelContext context;
  private final Leases leases;
  private final TransferTraces traces;
  private final Supplier<ProducerTemplate> template;

  Work(CamelContext context, Leases leases, TransferTraces traces) {
    this.context = context;
    this.leases = leases;
    this.traces = traces;
    this.template = Suppliers.memorize(context::createProducerTemplate);
  }

  /** Claims what is due, as far as this node can take it on. */
  public List<Claim> claim() {
    return leases.claim();
  }

  /**
   * Begins a step, and its span of the transfer's trace. Its place is given to others no later than
   * its exchange is done, however it ends.
   *
   * @return whether the step is still this node's
   */
  public boolean begin(Exchange exchange, Claim claim) {
    StepSpan span = traces.begin(claim);
    exchange
        .getExchangeExtension()
        .addOnCompletion(
            new SynchronizationAdapter() {
              @Override
              public void onDone(Exchange done) {
                span.end(failure(done));
                end(claim);
              }
            });
    return leases.begins(claim);
  }

  /** Routes that handle a failure leave it there. */
  private static FailureReason failure(Exchange done) {
    Exception caught = done.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT, Exception.class);
    if (caught == null) {
      return null;
    }
    return Causes.find(caught, TransferException.class)
        .map(TransferException::reason)
        .orElse(FailureReason.INTERNAL);
  }

  private void end(Claim claim) {
    if (leases.done(claim) && context.isRunAllowed() && !context.isStopping()) {
      // should it not come through: the next tick wakes as well
      template.get().send(WAKE, wake -> {});
    }
  }

  /** The steps that follow one that has ended, as far as this node goes on with them. */
  public List<Claim> handedOn(Claim ended) {
    return leases.handedOn(ended);
  }
}
