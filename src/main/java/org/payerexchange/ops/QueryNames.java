package org.payerexchange.ops;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The query parameters of the API's requests. One that nobody reads is a typing error: a retry of
 * the wrong transfers, or a list without its filter.
 */
final class QueryNames {
  private static final List<Rule> RULES =
      List.of(
          new Rule(
              HttpMethod.GET,
              "/api/transfers",
              "status",
              "payer",
              "source",
              "batch",
              "page",
              "size"),
          new Rule(HttpMethod.GET, "/api/transfers/[^/]+", "include"),
          new Rule(HttpMethod.GET, "/api/transfers/[^/]+/[^/]+", "page"),
          new Rule(HttpMethod.POST, "/api/transfers", "payer", "requestId"),
          new Rule(HttpMethod.POST, "/api/transfers/retry", "payer", "reason"),
          new Rule(HttpMethod.POST, "/api/transfers/[^/]+/(retry|cancel)"));

  private QueryNames() {}

  /** What is wrong with a request's query, without its text. */
  static Optional<String> problem(HttpServerRequest request) {
    if (request.query() == null) {
      return Optional.empty();
    }
    return RULES.stream()
        .filter(rule -> rule.isOf(request))
        .findFirst()
        .filter(rule -> !rule.names.containsAll(request.params().names()))
        .map(
            rule ->
                "a query parameter is not known; there "
                    + (rule.names.isEmpty()
                        ? "is none here"
                        : "are " + String.join(", ", new TreeSet<>(rule.names))));
  }

  private record Rule(HttpMethod method, Pattern path, Set<String> names) {
    Rule(HttpMethod method, String path, String... names) {
      this(method, Pattern.compile(path), Set.of(names));
    }

    boolean isOf(HttpServerRequest request) {
      return method.equals(request.method())
          && path.matcher(String.valueOf(request.path())).matches();
    }
  }
}
