package org.payerexchange.ops;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The query parameters of the API's requests. One that nobody reads is a typing error: a retry of
 * the wrong transfers, or a list without its filter.
 */
final class QueryNames {
  private static final List<Rule> RULES =
      List.of(
          new Rule(HttpMethod.GET, "/api/transfers", with(Filters.NAMES, "page", "size")),
          new Rule(HttpMethod.GET, "/api/transfers/[^/]+", "include"),
          new Rule(HttpMethod.GET, "/api/transfers/[^/]+/[^/]+", "page"),
          new Rule(HttpMethod.POST, "/api/transfers", "payer", "requestId"),
          new Rule(HttpMethod.POST, "/api/transfers/retry", "payer", "reason"),
          new Rule(HttpMethod.POST, "/api/transfers/[^/]+/(retry|cancel|now)"),
          new Rule(HttpMethod.POST, "/api/(actions|withdrawals)"),
          new Rule(HttpMethod.POST, "/api/forget", "payer", "requestId", "transfer"),
          new Rule(
              HttpMethod.GET, "/api/recurrences", "payer", "requestId", "state", "page", "size"),
          new Rule(HttpMethod.POST, "/api/recurrences/[^/]+/stop"),
          new Rule(HttpMethod.POST, "/api/recurrences/[^/]+/change", "every", "until"),
          new Rule(HttpMethod.GET, "/api/(payers|sinks|openapi.json)"),
          new Rule(HttpMethod.GET, "/api/overview", "since"),
          new Rule(HttpMethod.GET, "/api/report", "from", "to", "payer", "include"));

  /** All of them, and the names of what stands in paths. */
  private static final Set<String> ALL =
      Stream.concat(
              RULES.stream().flatMap(rule -> rule.names().stream()),
              Stream.of("id", "part", "file"))
          .collect(Collectors.toUnmodifiableSet());

  private static final Pattern WORD = Pattern.compile("[a-z][A-Za-z-]{0,31}");

  /** The same is at an address with one. */
  private static final Pattern SLASH = Pattern.compile("/$");

  private QueryNames() {}

  /** What is wrong with a request's query: the name that nobody knows, if it is a plain word. */
  static Optional<String> problem(HttpServerRequest request) {
    if (request.query() == null) {
      return Optional.empty();
    }
    // Camel makes a header of each: none is let through that nobody knows, at whatever address
    return problem(
        of(request.method(), String.valueOf(request.path())).orElse(Set.of()),
        request.params().names());
  }

  /** Camel tells headers and parameters apart no more: none is let through that looks like one. */
  static void dropHeaders(HttpServerRequest request) {
    ALL.forEach(request.headers()::remove);
  }

  /** Those that a request may have; empty where there is no rule, and it may have none. */
  static Optional<Set<String>> of(HttpMethod method, String path) {
    return RULES.stream()
        .filter(
            rule ->
                rule.method.equals(method)
                    && rule.path.matcher(SLASH.matcher(path).replaceFirst("")).matches())
        .findFirst()
        .map(Rule::names);
  }

  /** What is said of a name that nobody knows: itself, if it cannot be anything else. */
  static String told(String name) {
    return WORD.matcher(name).matches() ? name : "a name";
  }

  private static Optional<String> problem(Set<String> known, Set<String> given) {
    return given.stream()
        .filter(name -> !known.contains(name))
        .findFirst()
        .map(
            name ->
                "%s is not known; there %s"
                    .formatted(
                        told(name),
                        known.isEmpty()
                            ? "is none here"
                            : "are " + String.join(", ", new TreeSet<>(known))));
  }

  private static String[] with(Set<String> names, String... more) {
    return Stream.concat(names.stream(), Stream.of(more)).toArray(String[]::new);
  }

  private record Rule(HttpMethod method, Pattern path, Set<String> names) {
    Rule(HttpMethod method, String path, String... names) {
      this(method, Pattern.compile(path), Set.of(names));
    }
  }
}
