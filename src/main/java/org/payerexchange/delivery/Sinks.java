package org.payerexchange.delivery;

import static java.util.stream.Collectors.toMap;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.spi.PropertiesComponent;
import org.payerexchange.auth.ClearText;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * The configured sinks beside the outbox, in which every download ends: the FHIR server of {@code
 * p2p.deliver.fhir.base-url}, and the Camel endpoints of {@code p2p.deliver.file-uris.<n>}, {@code
 * p2p.deliver.resource-uris.<n>} and {@code p2p.deliver.bundle-uris.<n>}. A sink keeps its name,
 * and with it its place in the ledger, as long as its key keeps its number.
 */
public final class Sinks {
  private static final String PREFIX = "p2p.deliver.";

  /** What the ledger calls the FHIR server. */
  public static final String FHIR = "fhir";

  private static final String FHIR_SERVER = "p2p.deliver.fhir.base-url";
  private static final Pattern KEY =
      Pattern.compile("p2p\\.deliver\\.(file|resource|bundle)-uris\\.([0-9]+)");
  private static final Pattern VARIABLE =
      Pattern.compile("P2P_DELIVER_(FILE|RESOURCE|BUNDLE)_URIS_([0-9]+)");

  /** What goes over a network as it is, alone or behind the component that sends it. */
  private static final Pattern CLEAR_TEXT =
      Pattern.compile("(?i)([a-z][a-z-]*:)?(http|ws|ftp):(//)?([^/?@]*@)?(\\[[^]]*]|[^:/?]*).*");

  private final Map<String, Sink> byName;

  /** Keeps the sinks in this order. */
  public Sinks(Collection<Sink> all) {
    byName = all.stream().collect(toMap(Sink::name, s -> s, Sinks::twice, LinkedHashMap::new));
  }

  private static Sink twice(Sink one, Sink other) {
    throw new IllegalArgumentException("two sinks are called " + other.name());
  }

  /**
   * The sinks of a configuration. Those from files may be overridden by the environment ({@code
   * P2P_DELIVER_FILE_URIS_1}); a key without a value is none.
   *
   * @throws IllegalArgumentException naming the key of an endpoint that is called in clear text on
   *     another machine, unless the same key with {@code .allow-http} behind it is true
   */
  public static Sinks of(PropertiesComponent properties) {
    Set<String> keys = new TreeSet<>();
    properties.loadProperties(key -> KEY.matcher(key).matches()).keySet().stream()
        .map(String::valueOf)
        .forEach(keys::add);
    System.getenv().keySet().stream()
        .map(VARIABLE::matcher)
        .filter(Matcher::matches)
        .map(m -> PREFIX + m.group(1).toLowerCase(Locale.ROOT) + "-uris." + m.group(2))
        .forEach(keys::add);
    List<Sink> endpoints = new ArrayList<>();
    properties
        .resolveProperty(FHIR_SERVER)
        .filter(url -> !url.isBlank())
        .ifPresent(url -> endpoints.add(new Sink(FHIR, Sink.Kind.FHIR, "")));
    keys.stream().flatMap(key -> sink(key, properties).stream()).forEach(endpoints::add);
    return new Sinks(endpoints);
  }

  private static Optional<Sink> sink(String key, PropertiesComponent properties) {
    Matcher matcher = KEY.matcher(key);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Sink.Kind kind = Sink.Kind.valueOf(matcher.group(1).toUpperCase(Locale.ROOT));
    String name = matcher.group(1) + "-uri-" + matcher.group(2);
    return properties
        .resolveProperty(key)
        .map(String::strip)
        .filter(uri -> !uri.isEmpty())
        .map(uri -> new Sink(name, kind, encrypted(key, uri, properties)));
  }

  /** The URI itself is not told: it may hold a secret. */
  private static String encrypted(String key, String uri, PropertiesComponent properties) {
    String allowHttp = key + ".allow-http";
    String allowed = properties.resolveProperty(allowHttp).map(String::strip).orElse("false");
    if (!allowed.equals("true") && !allowed.equals("false")) {
      throw new IllegalArgumentException(allowHttp + " must be true or false");
    }
    Matcher clear = CLEAR_TEXT.matcher(uri);
    if (allowed.equals("false") && clear.matches() && !ClearText.isLoopback(clear.group(5))) {
      throw new IllegalArgumentException(key + " " + ClearText.refusal(allowHttp));
    }
    return uri;
  }

  /** The key that configures the sink that the ledger calls so. */
  public static String key(String name) {
    return name.equals(FHIR) ? FHIR_SERVER : PREFIX + name.replace("-uri-", "-uris.");
  }

  /** The names, as the ledger knows them, in their order. */
  public List<String> names() {
    return List.copyOf(byName.keySet());
  }

  /**
   * The names of some of them, in their order.
   *
   * @param whole whether of those that begin once all files of a transfer are there, or of those
   *     that take files while others still come
   */
  public List<String> names(boolean whole) {
    return byName.values().stream()
        .filter(sink -> sink.isWhole() == whole)
        .map(Sink::name)
        .toList();
  }

  /** The sinks, in their order. */
  public Collection<Sink> all() {
    return Collections.unmodifiableCollection(byName.values());
  }

  /**
   * The sink of a delivery.
   *
   * @throws TransferException {@link FailureReason#SINK_REFUSED} if it is not configured any more
   */
  public Sink get(String name) {
    Sink sink = byName.get(name);
    if (sink == null) {
      throw new TransferException(
          FailureReason.SINK_REFUSED,
          key(name) + " is not configured any more: put it back, then retry");
    }
    return sink;
  }
}
