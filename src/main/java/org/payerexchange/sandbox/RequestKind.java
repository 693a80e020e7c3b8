package org.payerexchange.sandbox;

import io.vertx.core.http.HttpServerRequest;
import java.util.regex.Pattern;

/** The requests that the gateway knows. */
public enum RequestKind {
  DISCOVERY,
  TOKEN,
  MATCH,
  KICK_OFF,
  STATUS,
  FILE,
  RELEASE,
  /** PDex: a request for members, its job's status, its answer's files, and its release. */
  BULK_MATCH,
  BULK_MATCH_STATUS,
  BULK_MATCH_FILE,
  BULK_MATCH_RELEASE,
  /** PDex: a Group is read or searched for. */
  GROUP,
  /** Whatever a client of this gateway has no reason to send. */
  UNEXPECTED;

  private static final String JOB = "/$export/job/";
  private static final String BULK_MATCH_JOB = "/$bulk-member-match-poll-status";
  private static final String GROUP_EXPORT_JOB = "/$davinci-export-poll-status";
  private static final Pattern BINARY_PATH = Pattern.compile("/v1/[^/]+/Binary/[^/]+");
  private static final Pattern GROUP_PATH = Pattern.compile("/v1/[^/]+/Group(/[^/]+)?");

  /** Whether the answer is a file. */
  boolean isOfFile() {
    return this == FILE || this == BULK_MATCH_FILE;
  }

  static RequestKind of(HttpServerRequest request) {
    String path = request.path();
    return switch (request.method().name()) {
      case "POST" -> ofPost(path);
      case "GET" -> ofGet(path);
      case "DELETE" ->
          path.endsWith(BULK_MATCH_JOB)
              ? BULK_MATCH_RELEASE
              : path.contains(JOB) || path.endsWith(GROUP_EXPORT_JOB) ? RELEASE : UNEXPECTED;
      default -> UNEXPECTED;
    };
  }

  private static RequestKind ofPost(String path) {
    if (path.endsWith("/openid-connect/token")) {
      return TOKEN;
    }
    if (path.endsWith("/Group/$bulk-member-match")) {
      return BULK_MATCH;
    }
    return path.endsWith("/member-match/$member-match")
        ? MATCH
        : path.endsWith("/$davinci-data-export") ? KICK_OFF : UNEXPECTED;
  }

  private static RequestKind ofGet(String path) {
    if (path.endsWith("/.well-known/smart-configuration")) {
      return DISCOVERY;
    }
    if (path.endsWith(BULK_MATCH_JOB)) {
      return BULK_MATCH_STATUS;
    }
    if (BINARY_PATH.matcher(path).matches()) {
      return BULK_MATCH_FILE;
    }
    if (path.contains("/Group/") && path.endsWith("/$export")) {
      return KICK_OFF;
    }
    if (path.contains(JOB) || path.endsWith(GROUP_EXPORT_JOB)) {
      return STATUS;
    }
    return path.contains("/$export/file/")
        ? FILE
        : GROUP_PATH.matcher(path).matches() ? GROUP : UNEXPECTED;
  }
}
