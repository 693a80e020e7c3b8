package org.payerexchange.boot;

import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.Map;
import org.apache.camel.Exchange;
import org.payerexchange.http.CloseWhenDone;

/** Knows the trace of a request's sender, by its header {@code traceparent} (W3C Trace Context). */
public final class SenderTraces {
  private static final TextMapGetter<Map<String, Object>> HEADERS =
      new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Map<String, Object> headers) {
          return headers.keySet();
        }

        @Override
        public String get(Map<String, Object> headers, String name) {
          return headers.get(name) instanceof String one ? one : null;
        }
      };

  /** Has it be the current one in this thread, until the exchange is done. */
  @SuppressWarnings("MustBeClosedChecker")
  public void link(Exchange exchange) {
    Scope scope =
        W3CTraceContextPropagator.getInstance()
            .extract(Context.root(), exchange.getMessage().getHeaders(), HEADERS)
            .makeCurrent();
    CloseWhenDone.with(exchange, scope::close);
  }
}
