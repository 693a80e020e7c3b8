package org.payerexchange.sandbox;

import io.vertx.core.http.HttpServerRequest;

/** The requests that the gateway knows. */
public enum RequestKind {
  DISCOVERY,
  TOKEN,
  MATCH,
  KICK_OFF,
  STATUS,
  FILE,
  RELEASE,
  /** Whatever a client of this gateway has no reason to send. */
  UNEXPECTED;

  private static final String JOB = "/$export/job/";

  static RequestKind of(HttpServerRequest request) {
    String path = request.path();
    return switch (request.method().name()) {
      case "POST" ->
          path.endsWith("/openid-connect/token")
              ? TOKEN
              : path.endsWith("/member-match/$member-match") ? MATCH : UNEXPECTED;
      case "GET" -> {
        if (path.endsWith("/.well-known/smart-configuration")) {
          yield DISCOVERY;
        }
        if (path.contains("/Group/") && path.endsWith("/$export")) {
          yield KICK_OFF;
        }
        yield path.contains(JOB) ? STATUS : path.contains("/$export/file/") ? FILE : UNEXPECTED;
      }
      case "DELETE" -> path.contains(JOB) ? RELEASE : UNEXPECTED;
      default -> UNEXPECTED;
    };
  }
}
