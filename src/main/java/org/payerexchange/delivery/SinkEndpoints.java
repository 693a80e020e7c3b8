package org.payerexchange.delivery;

import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.component.direct.DirectEndpoint;
import org.apache.camel.model.Model;
import org.apache.camel.util.URISupport;

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
    if (endpoint instanceof DirectEndpoint && !beginsARoute(endpoint, context)) {
      throw refusal(sink, "leads to a route of this node, and none begins there");
    }
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
