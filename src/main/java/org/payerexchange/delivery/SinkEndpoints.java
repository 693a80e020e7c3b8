package org.payerexchange.delivery;

import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.NoSuchEndpointException;
import org.apache.camel.PropertyBindingException;
import org.apache.camel.ResolveEndpointFailedException;
import org.apache.camel.component.direct.DirectEndpoint;
import org.apache.camel.model.Model;
import org.apache.camel.util.URISupport;
import org.payerexchange.step.Causes;

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
      throw refusal(sink, words(sink, unusable));
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

  private static String words(Sink sink, Exception failure) {
    if (Causes.find(failure, NoSuchEndpointException.class).isPresent()) {
      return "needs the Camel component %s, which is not on the class path"
          .formatted(sink.uri().replaceFirst(":.*", ""));
    }
    Map<String, Object> options = options(sink.uri());
    List<String> unknown =
        Causes.find(failure, ResolveEndpointFailedException.class)
            .map(refused -> unknown(options, refused.getMessage()))
            .orElse(List.of());
    if (!unknown.isEmpty()) {
      return "has options that its component does not know: " + String.join(", ", unknown);
    }
    return Causes.find(failure, PropertyBindingException.class)
        .map(wrong -> "has a value that cannot be meant for its option " + wrong.getPropertyName())
        .orElseGet(() -> "cannot be used: " + discreet(sink, options, Causes.innermost(failure)));
  }

  /** The message has them with their values. */
  private static List<String> unknown(Map<String, Object> options, String message) {
    int at = message.indexOf("Unknown parameters=[");
    String told = at < 0 ? "" : message.substring(at);
    return options.keySet().stream()
        .filter(name -> told.contains("{" + name + "=") || told.contains(", " + name + "="))
        .sorted()
        .toList();
  }

  private static Map<String, Object> options(String uri) {
    try {
      return URISupport.parseQuery(uri.contains("?") ? uri.replaceFirst("[^?]*[?]", "") : "");
    } catch (URISyntaxException unreadable) {
      return Map.of();
    }
  }

  /** A message that quotes the URI, or what is in it, is not told. */
  private static String discreet(Sink sink, Map<String, Object> options, Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    String place = URISupport.stripQuery(sink.uri()).replaceFirst("[^:]*:/*", "");
    boolean quotes =
        Stream.concat(Stream.of(place), options.values().stream().map(String::valueOf))
            .filter(text -> !text.isEmpty())
            .anyMatch(message::contains);
    return cause.getMessage() == null || quotes
        ? cause.getClass().getSimpleName()
        : message.lines().collect(Collectors.joining(" "));
  }
}
