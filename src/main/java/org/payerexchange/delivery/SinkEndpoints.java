package org.payerexchange.delivery;

import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.component.direct.DirectEndpoint;
import org.apache.camel.component.jms.JmsEndpoint;
import org.apache.camel.component.seda.SedaEndpoint;
import org.apache.camel.model.Model;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.util.URISupport;
import org.springframework.jms.connection.SingleConnectionFactory;

/**
 * Reads the URI of every sink once all routes and beans are known, and before anything starts.
 * Camel itself reads it with the first delivery, where a typing error would look like a sink that
 * is down. No endpoint is started or called.
 */
public final class SinkEndpoints {
  private final Sinks sinks;

  /** Reads those of these sinks. */
  public SinkEndpoints(Sinks sinks) {
    this.sinks = sinks;
  }

  /**
   * Refuses the first one that could never be delivered to.
   *
   * @throws IllegalArgumentException naming the key, the sink and what is wrong, and no value of
   *     the URI, which may be a secret
   */
  public void requireUsable(CamelContext context) {
    sinks.all().stream()
        .filter(sink -> sink.kind() != Sink.Kind.FHIR)
        .forEach(sink -> require(sink, context));
  }

  private static void require(Sink sink, CamelContext context) {
    Endpoint endpoint;
    try {
      endpoint = context.getCamelContextExtension().getPrototypeEndpoint(sink.uri());
    } catch (Exception unusable) {
      throw refusal(sink, EndpointWords.of(sink.uri(), unusable));
    }
    if (isOfThisNode(endpoint) && !beginsARoute(endpoint, context)) {
      throw refusal(sink, "leads to a route of this node, and none begins there");
    }
    if (onlyBeginsRoutes(endpoint)) {
      throw refusal(sink, "names a component that nothing can be sent to");
    }
    if (hasNoBroker(endpoint)) {
      throw refusal(sink, "needs a broker, and p2p.jms.url is empty");
    }
  }

  /** Of these, what nobody takes is refused with each delivery, or gone as if it were delivered. */
  private static boolean isOfThisNode(Endpoint endpoint) {
    return endpoint instanceof DirectEndpoint || endpoint instanceof SedaEndpoint;
  }

  private static boolean onlyBeginsRoutes(Endpoint endpoint) {
    UriEndpoint kind = endpoint.getClass().getAnnotation(UriEndpoint.class);
    return kind != null && kind.consumerOnly();
  }

  private static boolean hasNoBroker(Endpoint endpoint) {
    return endpoint instanceof JmsEndpoint jms
        && jms.getConfiguration().getConnectionFactory() instanceof SingleConnectionFactory factory
        && factory.getTargetConnectionFactory() == null;
  }

  private static boolean beginsARoute(Endpoint endpoint, CamelContext context) {
    return context
        .getCamelContextExtension()
        .getContextPlugin(Model.class)
        .getRouteDefinitions()
        .stream()
        .map(route -> route.getInput().getEndpointUri())
        .map(context::resolvePropertyPlaceholders)
        .anyMatch(uri -> address(uri).equals(address(endpoint.getEndpointUri())));
  }

  private static String address(String uri) {
    return URISupport.stripQuery(uri).replaceFirst(":/*", ":");
  }

  private static IllegalArgumentException refusal(Sink sink, String words) {
    return new IllegalArgumentException(
        "%s: the sink %s %s".formatted(Sinks.key(sink.name()), sink.name(), words));
  }
}
