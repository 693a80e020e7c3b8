package org.payerexchange.ops;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.payerexchange.intake.IntakeSources;

/**
 * The one place where requests come in: each is looked at here, by its head alone, before anything
 * of its body is read and before it is known whether there is anything at its address. Whoever adds
 * a route need not think of it.
 */
public final class FrontDoor {
  /** Public keys, which whoever checks our assertions fetches without a login. */
  private static final String KEYS = "/.well-known/jwks.json";

  /** Short, so that a new key is soon known everywhere. */
  private static final String KEPT = "max-age=900";

  private static final String NOT_KEPT = "no-store";

  /** Tells the page, so that it offers nothing that is refused. */
  private static final String ROLE = "P2P-Role";

  private static final String HEALTH = "/observe/health";

  /** What needs the ledger, except for its own description. */
  private static final String API = "/api/";

  private static final String API_DOCUMENT = "/api/openapi.json";

  /** Without a dot, an escape or a doubled slash that could lead elsewhere. */
  private static final Pattern OBSERVE = Pattern.compile("/observe(/[a-z]+)+/?");

  /** An escape, a doubled slash or a segment of dots: no address of ours has one. */
  private static final Pattern BENT = Pattern.compile("%|//|/\\.{1,2}(/|$)");

  private static final Pattern FORM =
      Pattern.compile("multipart/|x-www-form-urlencoded", Pattern.CASE_INSENSITIVE);

  private final OpsAccess access;
  private final HealthStatus health;
  private final BodyBudget bodies;
  private final long maxBodyBytes;
  private final boolean publishesKeys;
  private volatile BooleanSupplier suspended = () -> false;
  private volatile BooleanSupplier ledgerAway = () -> false;

  /**
   * Guards what runs in this context.
   *
   * @param maxBodyBytes the longest body of a request
   * @param maxBytesAtOnce the bodies of all requests together
   * @param publishesKeys whether whoever asks gets our public keys
   */
  public FrontDoor(
      OpsAccess access,
      CamelContext camel,
      long maxBodyBytes,
      long maxBytesAtOnce,
      boolean publishesKeys) {
    this.access = access;
    this.health = new HealthStatus(camel);
    this.bodies = new BodyBudget(maxBytesAtOnce);
    this.maxBodyBytes = maxBodyBytes;
    this.publishesKeys = publishesKeys;
  }

  /**
   * Has requests refused at once that would only wait.
   *
   * @param isSuspended whether no records are taken in
   * @param isLedgerAway whether nothing of the ledger can be asked or done
   */
  public void refuseWhile(BooleanSupplier isSuspended, BooleanSupplier isLedgerAway) {
    suspended = isSuspended;
    ledgerAway = isLedgerAway;
  }

  /**
   * Lets a request pass, or answers it.
   *
   * @param atEnd takes what is to be done once the request is answered or its connection is closed
   * @return whether it is to be routed
   */
  public boolean admits(HttpServerRequest request, Consumer<Runnable> atEnd) {
    protect(request.response());
    if (isForKeys(request)) {
      request.response().putHeader(HttpHeaders.CACHE_CONTROL, KEPT);
    }
    OpsKey caller;
    try {
      caller = access.caller(head(request));
    } catch (OpsRefusal refusal) {
      return isForAll(request, refusal);
    }
    return isReadable(request)
        && isStraight(request)
        && isAllowed(request, caller)
        && isPlain(request)
        && isKnown(request)
        && isNoForm(request)
        && isTakenIn(request)
        && hasLedger(request)
        && hasRoom(request, atEnd);
  }

  /** What those may have who may have nothing else. */
  private boolean isForAll(HttpServerRequest request, OpsRefusal refusal) {
    // a browser cannot send a key to load the page
    if (OpsRole.isRead(request)
        && (isForKeys(request) || (access.hasKey() && PageFiles.PATHS.contains(request.path())))) {
      return isBare(request);
    }
    if (!tellsStatus(request)) {
      if (access.hasKey()) {
        request.response().putHeader("WWW-Authenticate", "Bearer");
      }
      refuse(request, refusal.status(), refusal.getMessage());
    }
    return false;
  }

  /** What comes behind this reads the query's parameters. */
  private static boolean isReadable(HttpServerRequest request) {
    try {
      request.params();
      return true;
    } catch (IllegalArgumentException malformed) {
      refuse(request, 400, WordedRefusals.WORDS.get(400));
      return false;
    }
  }

  /** What is looked at here is the path as it came, and routes are found by what it stands for. */
  private static boolean isStraight(HttpServerRequest request) {
    if (!BENT.matcher(String.valueOf(request.path())).find()) {
      return true;
    }
    refuse(request, 400, WordedRefusals.WORDS.get(400));
    return false;
  }

  /** The name of a key goes on to the routes; nobody but this door may say it. */
  private static boolean isAllowed(HttpServerRequest request, OpsKey caller) {
    request.response().putHeader(ROLE, caller.role().name().toLowerCase(Locale.ROOT));
    if (!caller.role().may(request)) {
      refuse(
          request,
          403,
          "the key %s has the role %s, which does not allow this"
              .formatted(caller.name(), caller.role().name().toLowerCase(Locale.ROOT)));
      return false;
    }
    // without a name too: what a query adds would be a second one, which is refused
    request.headers().set(IntakeSources.KEY, caller.name());
    return true;
  }

  private boolean isForKeys(HttpServerRequest request) {
    return publishesKeys && KEYS.equals(request.path());
  }

  /** The same for the port that serves health and metrics alone, to whoever reaches it. */
  public boolean admitsToObserve(HttpServerRequest request) {
    protect(request.response());
    if (!OpsRole.isRead(request) || !OBSERVE.matcher(String.valueOf(request.path())).matches()) {
      refuse(request, 404, WordedRefusals.WORDS.get(404));
      return false;
    }
    return isPlain(request) && isBare(request);
  }

  private static void protect(HttpServerResponse response) {
    response.putHeader(HttpHeaders.CACHE_CONTROL, NOT_KEPT);
    response.putHeader("X-Content-Type-Options", "nosniff");
  }

  /** Who sends a key, if a wrong one, wants more than the status. */
  private boolean tellsStatus(HttpServerRequest request) {
    if (!request.method().equals(HttpMethod.GET)
        || request.headers().contains(HttpHeaders.AUTHORIZATION)) {
      return false;
    }
    return health
        .of(String.valueOf(request.path()))
        .map(
            status ->
                status.onComplete(
                    up -> {
                      boolean isUp = up.succeeded() && up.result();
                      json(
                          request,
                          isUp ? 200 : 503,
                          "{\"status\":\"%s\"}".formatted(isUp ? "UP" : "DOWN"));
                    }))
        .isPresent();
  }

  /** Camel would tell stack traces to who asks for them in the query. */
  private static boolean isPlain(HttpServerRequest request) {
    if (request.query() == null || !String.valueOf(request.path()).startsWith(HEALTH)) {
      return true;
    }
    refuse(request, 400, WordedRefusals.WORDS.get(400));
    return false;
  }

  private static boolean isKnown(HttpServerRequest request) {
    Optional<String> problem = QueryNames.problem(request);
    problem.ifPresent(words -> refuse(request, 400, words));
    // payer and requestId of records may stand in the head, as in a message's properties
    if (!OpsRole.handsIn(request)) {
      QueryNames.dropHeaders(request);
    }
    return problem.isEmpty();
  }

  /** Camel would make headers of a form's fields, as if its sender had sent them in the head. */
  private boolean isNoForm(HttpServerRequest request) {
    if (length(request) == 0
        || all(request, HttpHeaders.CONTENT_TYPE).stream()
            .noneMatch(type -> FORM.matcher(type).find())) {
      return true;
    }
    refuse(request, 415, WordedRefusals.WORDS.get(415));
    return false;
  }

  /** While files and messages wait, whoever sends records is told to wait as well. */
  private boolean isTakenIn(HttpServerRequest request) {
    if (!OpsRole.handsIn(request) || !suspended.getAsBoolean()) {
      return true;
    }
    request.response().putHeader(HttpHeaders.RETRY_AFTER, "30");
    refuse(request, 503, "intake is suspended, readiness says why: again later, please");
    return false;
  }

  /** Whoever asks the ledger while it is away is told so at once. */
  private boolean hasLedger(HttpServerRequest request) {
    String path = String.valueOf(request.path());
    if (!path.startsWith(API) || path.startsWith(API_DOCUMENT) || !ledgerAway.getAsBoolean()) {
      return true;
    }
    request.response().putHeader(HttpHeaders.RETRY_AFTER, "10");
    refuse(
        request,
        503,
        OpsRole.isRead(request)
            ? OpsAnswer.LEDGER_AWAY
            : OpsAnswer.LEDGER_AWAY + "; nothing was done of this");
    return false;
  }

  /** No body takes memory of those who have a key, nor any at all, before its sender is known. */
  private boolean isBare(HttpServerRequest request) {
    if (length(request) == 0) {
      return true;
    }
    refuse(request, 400, "a request for this has no body");
    return false;
  }

  private boolean hasRoom(HttpServerRequest request, Consumer<Runnable> atEnd) {
    long length = length(request);
    if (length > maxBodyBytes) {
      refuse(request, 413, WordedRefusals.WORDS.get(413));
      return false;
    }
    if (!bodies.takes(length)) {
      request.response().putHeader(HttpHeaders.RETRY_AFTER, "1");
      refuse(request, 503, "other bodies are being read, p2p.ops.max-bytes-at-once: again, please");
      return false;
    }
    if (length > 0) {
      atEnd.accept(() -> bodies.giveBack(length));
    }
    return true;
  }

  /** What a body may come to; one without an announced length may become as long as any. */
  private long length(HttpServerRequest request) {
    if (request.headers().contains(HttpHeaders.TRANSFER_ENCODING)) {
      return maxBodyBytes;
    }
    String announced = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    try {
      return announced == null ? 0 : Math.max(0, Long.parseLong(announced));
    } catch (NumberFormatException tooLong) {
      return Long.MAX_VALUE;
    }
  }

  private static void refuse(HttpServerRequest request, int status, String why) {
    json(request, status, "{\"error\":\"" + why + "\"}");
  }

  /** The connection ends with it: what follows may be the rest of a body that nobody wants. */
  private static void json(HttpServerRequest request, int status, String body) {
    HttpServerResponse response = request.response();
    if (!response.closed()) {
      response
          .setStatusCode(status)
          .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
          .putHeader(HttpHeaders.CACHE_CONTROL, NOT_KEPT)
          .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
          .end(body);
    }
  }

  private static OpsAccess.RequestHead head(HttpServerRequest request) {
    return new OpsAccess.RequestHead(
        isHere(request),
        request.isSSL() ? "https" : "http",
        all(request, HttpHeaders.AUTHORIZATION),
        all(request, HttpHeaders.HOST),
        all(request, HttpHeaders.ORIGIN));
  }

  private static List<String> all(HttpServerRequest request, CharSequence header) {
    return request.headers().getAll(header);
  }

  /** Of the socket, whatever a proxy says in headers. */
  private static boolean isHere(HttpServerRequest request) {
    SocketAddress address = request.connection().remoteAddress();
    try {
      // an address, never a name: nothing is looked up
      return address != null
          && address.hostAddress() != null
          && InetAddress.getByName(address.hostAddress()).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
