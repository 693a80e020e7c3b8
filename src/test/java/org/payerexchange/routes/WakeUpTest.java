package org.payerexchange.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.builder.AdviceWith;
import org.apache.camel.component.seda.SedaEndpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.support.TestBundle;

/** Every step may ask for work, so that a wake-up leads to the next for days. */
class WakeUpTest {
  @TempDir Path folder;

  @Test
  void workThatIsWokenIsGivenNothingOfTheExchangeThatAskedForIt() throws Exception {
    try (TestBundle bundle = TestBundle.in(folder).payer("bison", "http://127.0.0.1:9").start()) {
      CamelContext context = bundle.context();
      // a queue that a timer still fills is never empty, and its route waits for that
      stop(context, route -> route.getEndpoint().getEndpointUri().startsWith("quartz:"));
      stop(context, route -> route.getEndpoint() instanceof SedaEndpoint);
      SedaEndpoint queue = context.getEndpoint("seda:work?size=1", SedaEndpoint.class);
      queue.getQueue().clear();

      bundle.template().send("direct:wake-work", WakeUpTest::fill);
      bundle.template().send("direct:wake-work", WakeUpTest::fill);

      assertThat(queue.getExchanges()).singleElement().satisfies(WakeUpTest::carriesNothing);
      // or the stop would wait for it
      queue.getQueue().clear();
    }
  }

  @Test
  void aStepIsGivenNothingOfTheExchangeThatHandedItOn() throws Exception {
    try (TestBundle bundle = TestBundle.in(folder).payer("bison", "http://127.0.0.1:9").start()) {
      BlockingQueue<Exchange> started = new LinkedBlockingQueue<>();
      AdviceWith.adviceWith(
          bundle.context(),
          "do-step",
          route -> route.interceptFrom().process(step -> started.add(step.copy())).stop());

      bundle
          .template()
          .send(
              "direct:start-steps",
              step -> {
                fill(step);
                step.getMessage().setBody(List.of("a claim"));
              });

      Exchange step = started.poll(30, TimeUnit.SECONDS);
      assertThat(step.getMessage().getBody()).isEqualTo("a claim");
      assertThat(step.getMessage().getHeaders()).isEmpty();
      assertThat(step.getVariables()).isEmpty();
    }
  }

  private static void stop(CamelContext context, Predicate<Route> which) throws Exception {
    for (Route route : context.getRoutes().stream().filter(which).toList()) {
      context.getRouteController().stopRoute(route.getRouteId());
    }
  }

  private static void fill(Exchange exchange) {
    exchange.getMessage().setBody("old");
    exchange.getMessage().setHeader("old", "header");
    exchange.setProperty("old", "property");
    exchange.setVariable("old", "variable");
  }

  private static void carriesNothing(Exchange wakeUp) {
    assertThat(wakeUp.getMessage().getBody()).isNull();
    assertThat(wakeUp.getMessage().getHeaders()).isEmpty();
    assertThat(wakeUp.getProperties()).isEmpty();
    assertThat(wakeUp.getVariables()).isEmpty();
  }
}
