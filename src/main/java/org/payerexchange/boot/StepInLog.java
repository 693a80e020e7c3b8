package org.payerexchange.boot;

import java.util.Map;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.payerexchange.http.PayerCalls;
import org.payerexchange.step.Claim;
import org.slf4j.MDC;

/**
 * Lines of the log carry the step that they are about (SLF4J, MDC). A step may go on in another
 * thread after each of its parts: one of a pool, or of the component that it sent something with.
 * So each part tells the thread that it is done in, and takes that back before it gives the thread
 * away.
 */
final class StepInLog implements InterceptStrategy {
  @Override
  public Processor wrapProcessorInInterceptors(
      CamelContext context, NamedNode definition, Processor target, Processor nextTarget) {
    return new Part(target);
  }

  private static final class Part extends DelegateAsyncProcessor {
    Part(Processor target) {
      super(target);
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
      if (!(exchange.getVariable("claim") instanceof Claim claim)) {
        return super.process(exchange, callback);
      }
      Map<String, String> before = MDC.getCopyOfContextMap();
      MDC.setContextMap(words(claim, exchange.getVariable(PayerCalls.LATEST, String.class)));
      try {
        return super.process(exchange, callback);
      } finally {
        if (before == null) {
          MDC.clear();
        } else {
          MDC.setContextMap(before);
        }
      }
    }

    private static Map<String, String> words(Claim claim, String request) {
      String of = claim.subject();
      String step = claim.stage().name();
      return request == null
          ? Map.of(of, claim.transferId(), "payer", claim.payer(), "step", step)
          : Map.of(
              of, claim.transferId(), "payer", claim.payer(), "step", step, "request", request);
    }
  }
}
