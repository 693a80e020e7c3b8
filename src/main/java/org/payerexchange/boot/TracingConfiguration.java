package org.payerexchange.boot;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.payerexchange.payer.ExtraHeaders;
import org.payerexchange.trace.Tracing;

/** Reads {@code p2p.tracing.*}. */
final class TracingConfiguration {
  private static final Pattern SHARE = Pattern.compile("0\\.\\d{1,6}|1(\\.0+)?");

  private TracingConfiguration() {}

  /**
   * What it says.
   *
   * @param node this process's id
   * @throws IllegalArgumentException naming the key that is wrong
   */
  static Tracing of(Settings settings, String node) {
    Map<String, String> headers = headers(settings);
    double share = share(settings);
    return endpoint(settings)
        .map(endpoint -> Tracing.to(endpoint, headers, share, node, version()))
        .orElseGet(Tracing::off);
  }

  /** The first thing that is wrong with it, though it be off. */
  static Optional<String> problem(Settings settings) {
    try {
      headers(settings);
      share(settings);
      endpoint(settings);
      return Optional.empty();
    } catch (IllegalArgumentException wrong) {
      return Optional.of(wrong.getMessage());
    }
  }

  private static Map<String, String> headers(Settings settings) {
    return settings.value("p2p.tracing.headers", ExtraHeaders::read).orElse(Map.of());
  }

  private static double share(Settings settings) {
    return settings.value("p2p.tracing.share", TracingConfiguration::share).orElse(1.0);
  }

  private static Optional<URI> endpoint(Settings settings) {
    return settings.value("p2p.tracing.endpoint", TracingConfiguration::endpoint);
  }

  private static String version() {
    return Optional.ofNullable(TracingConfiguration.class.getPackage().getImplementationVersion())
        .orElse("built here");
  }

  private static URI endpoint(String text) {
    URI endpoint = URI.create(text);
    if (!("http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme()))
        || endpoint.getHost() == null) {
      throw new IllegalArgumentException("must be a URL such as http://localhost:4318/v1/traces");
    }
    return endpoint;
  }

  private static double share(String text) {
    if (!SHARE.matcher(text).matches() || Double.parseDouble(text) == 0) {
      throw new IllegalArgumentException("must be more than 0, and 1 at most");
    }
    return Double.parseDouble(text);
  }
}
