package org.payerexchange.boot;

import java.util.List;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.support.SynchronizationAdapter;
import org.apache.camel.util.function.Suppliers;
import org.payerexchange.ledger.Leases;
import org.payerexchange.step.Claim;
import org.slf4j.MDC;

/** What the routes of {@code work.camel.yaml} do with steps. */
public final class Work {
  private static final String WAKE = "direct:wake-work";

  private final CamelContext context;
  private final Leases leases;
  private final Supplier<ProducerTemplate> template;

  Work(CamelContext context, Leases leases) {
    this.context = context;
    this.leases = leases;
    this.template = Suppliers.memorize(context::createProducerTemplate);
  }

  /** Claims what is due, as far as this node can take it on. */
  public List<Claim> claim() {
    return leases.claim();
  }

  /**
   * Begins a step. Its place is given to others no later than its exchange is done, however it
   * ends. Until then lines of the log carry the step (SLF4J, MDC).
   *
   * @return whether the step is still this node's
   */
  public boolean begin(Exchange exchange, Claim claim) {
    MDC.put(claim.subject(), claim.transferId());
    MDC.put("payer", claim.payer());
    MDC.put("step", claim.stage().name());
    exchange
        .getExchangeExtension()
        .addOnCompletion(
            new SynchronizationAdapter() {
              @Override
              public void onDone(Exchange done) {
                MDC.clear();
                end(claim);
              }
            });
    return leases.begins(claim);
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
