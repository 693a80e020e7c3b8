package org.payerexchange.delivery;

import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.NoSuchEndpointException;
import org.apache.camel.PropertyBindingException;
import org.apache.camel.ResolveEndpointFailedException;
import org.apache.camel.util.URISupport;
import org.payerexchange.step.Causes;

/** Why an endpoint cannot be had, in words that tell no value of its URI, which may be a secret. */
public final class EndpointWords {
  /** What Camel says of a placeholder that it cannot resolve, with the text around it. */
  private static final Pattern PROPERTY =
      Pattern.compile("Property with key \\[([\\w.-]+)] not found");

  private EndpointWords() {}

  /**
   * What is wrong with this URI.
   *
   * @param failure what Camel says of it
   */
  public static String of(String uri, Exception failure) {
    if (Causes.find(failure, NoSuchEndpointException.class).isPresent()) {
      return "needs the Camel component %s, which is not on the class path"
          .formatted(uri.replaceFirst(":.*", ""));
    }
    Matcher property = PROPERTY.matcher(String.valueOf(Causes.innermost(failure).getMessage()));
    if (property.find()) {
      return "names the key %s, which is not set".formatted(property.group(1));
    }
    if (!uri.contains(":")) {
      return "is no whole URI, such as file:/var/lib/claims";
    }
    Map<String, Object> options = options(uri);
    List<String> unknown =
        Causes.find(failure, ResolveEndpointFailedException.class)
            .map(refused -> unknown(options, refused.getMessage()))
            .orElse(List.of());
    if (!unknown.isEmpty()) {
      return "has options that its component does not know: " + String.join(", ", unknown);
    }
    return Causes.find(failure, PropertyBindingException.class)
        .map(wrong -> "has a value that cannot be meant for its option " + wrong.getPropertyName())
        .orElseGet(() -> "cannot be used: " + discreet(uri, options, Causes.innermost(failure)));
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
  private static String discreet(String uri, Map<String, Object> options, Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    String place = URISupport.stripQuery(uri).replaceFirst("[^:]*:/*", "");
    boolean quotes =
        Stream.concat(Stream.of(place), options.values().stream().map(String::valueOf))
            .filter(text -> !text.isEmpty())
            .anyMatch(message::contains);
    return cause.getMessage() == null || quotes
        ? cause.getClass().getSimpleName()
        : message.lines().collect(Collectors.joining(" "));
  }
}
