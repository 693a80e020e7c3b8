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
  /** A page of a manifest that the one before it names as the next. */
  MANIFEST_PAGE,
  FILE,
  /** A file at the store, another port, where a 307 of its URL leads. */
  STORE,
  RELEASE,
  /** PDex: a request for members, its job's status, its answer's files, and its release. */
  BULK_MATCH,
  BULK_MATCH_STATUS,
  BULK_MATCH_FILE,
  BULK_MATCH_RELEASE,
  /** PDex: a Group is read or searched for. */
  GROUP,
  /** HRex: what the gateway says that it can. */
  CAPABILITIES,
  /** HRex: a resource, a search's first page, or that of {@code $everything}. */
  DATA,
  /** HRex: a page that the one before it names as the next. */
  PAGE,
  /** Whatever a client of this gateway has no reason to send. */
  UNEXPECTED;

  private static final String JOB = "/$export/job/";
  private static final String BULK_MATCH_JOB = "/$bulk-member-match-poll-status";
  private static final String GROUP_EXPORT_JOB = "/$davinci-export-poll-status";
  private static final Pattern BINARY_PATH = Pattern.compile("/v1/[^/]+/Binary/[^/]+");
  private static final String PATIENT_EXPORT_JOB = "/$patient-export-poll-status";
  private static final Pattern DATA_PATH =
      Pattern.compile("/v1/[^/]+/[A-Z][A-Za-z]+(/[^/$]+(/\\$everything)?)?");
  private static final Pattern GROUP_PATH = Pattern.compile("/v1/[^/]+/Group(/[^/]+)?");

  /** Whether the answer is a file. */
  boolean isOfFile() {
    return this == FILE || this == STORE || this == BULK_MATCH_FILE;
  }

  static RequestKind of(HttpServerRequest request) {
    String path = request.path();
    return switch (request.method().name()) {
      case "POST" -> ofPost(path);
      case "GET" -> ofGet(path).paged(FhirOperation.text(request.query()));
      case "DELETE" ->
          path.endsWith(BULK_MATCH_JOB)
              ? BULK_MATCH_RELEASE
              : isOfExport(path) ? RELEASE : UNEXPECTED;
      default -> UNEXPECTED;
    };
  }

  private RequestKind paged(String query) {
    if (this == DATA && query.contains(HrexPages.PAGE)) {
      return PAGE;
    }
    return this == STATUS && query.contains(ManifestPage.PARAMETER + '=') ? MANIFEST_PAGE : this;
  }

  private static RequestKind ofPost(String path) {
    if (path.endsWith("/openid-connect/token")) {
      return TOKEN;
    }
    if (path.endsWith("/Group/$bulk-member-match")) {
      return BULK_MATCH;
    }
    if (path.endsWith("/$member-match")) {
      return MATCH;
    }
    return path.endsWith("/$davinci-data-export") || path.endsWith("/$export")
        ? KICK_OFF
        : UNEXPECTED;
  }

  private static RequestKind ofGet(String path) {
    if (path.startsWith(FileHandler.STORE)) {
      return STORE;
    }
    if (path.endsWith("/.well-known/smart-configuration")) {
      return DISCOVERY;
    }
    if (path.endsWith(BULK_MATCH_JOB)) {
      return BULK_MATCH_STATUS;
    }
    if (BINARY_PATH.matcher(path).matches()) {
      return BULK_MATCH_FILE;
    }
    if (path.endsWith("/metadata")) {
      return CAPABILITIES;
    }
    if (path.contains("/Group/") && path.endsWith("/$export")) {
      return KICK_OFF;
    }
    if (isOfExport(path)) {
      return STATUS;
    }
    return path.contains("/$export/file/")
        ? FILE
        : GROUP_PATH.matcher(path).matches()
            ? GROUP
            : DATA_PATH.matcher(path).matches() ? DATA : UNEXPECTED;
  }

  private static boolean isOfExport(String path) {
    return path.contains(JOB)
        || path.endsWith(GROUP_EXPORT_JOB)
        || path.endsWith(PATIENT_EXPORT_JOB);
  }
}
