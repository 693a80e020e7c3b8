package org.payerexchange.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.component.seda.SedaEndpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.support.TestBundle;

/** Every step asks for stages to be woken, so that a wake-up leads to the next for days. */
class WakeUpTest {
  @TempDir Path folder;

  @Test
  void aStageThatIsWokenIsGivenNothingOfTheExchangeThatAskedForIt() throws Exception {
    try (TestBundle bundle = TestBundle.in(folder).payer("bison", "http://127.0.0.1:9").start()) {
      List<SedaEndpoint> queues = stopStages(bundle.context());
      assertThat(queues).hasSizeGreaterThan(5);
      for (SedaEndpoint queue : queues) {
        bundle.template().send("direct:wake-" + stage(queue), WakeUpTest::fill);
        assertThat(queue.getExchanges()).singleElement().satisfies(WakeUpTest::carriesNothing);
        // or the stop would wait for it
        queue.getQueue().clear();
      }
    }
  }

  /**
   * The queues of the stages that are woken; nothing comes into these now, and nothing is taken
   * out.
   */
  private static List<SedaEndpoint> stopStages(CamelContext context) throws Exception {
    // a queue that a timer still fills is never empty, and its route waits for that
    stop(context, route -> route.getEndpoint().getEndpointUri().startsWith("quartz:"));
    stop(context, route -> route.getEndpoint() instanceof SedaEndpoint);
    List<SedaEndpoint> queues =
        context.getRoutes().stream()
            .map(Route::getEndpoint)
            .filter(SedaEndpoint.class::isInstance)
            .map(SedaEndpoint.class::cast)
            .filter(queue -> context.getRoute("wake-" + stage(queue)) != null)
            .toList();
    queues.forEach(queue -> queue.getQueue().clear());
    return queues;
  }

  private static void stop(CamelContext context, Predicate<Route> which) throws Exception {
    for (Route route : context.getRoutes().stream().filter(which).toList()) {
      context.getRouteController().stopRoute(route.getRouteId());
    }
  }

  private static String stage(SedaEndpoint queue) {
    return queue.getEndpointUri().replaceFirst("^seda://([^?]+).*", "$1");
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
