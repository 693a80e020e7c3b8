package org.payerexchange.sandbox;

import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/** The network before the gateway: counts every request, and lets some of them go wrong. */
final class Gate implements Handler<RoutingContext> {
  private static final String FAULT = "sandbox.fault";

  private final Faults faults;
  private final RequestLog log;
  private final TokenServer tokens;

  Gate(Faults faults, RequestLog log, TokenServer tokens) {
    this.faults = faults;
    this.log = log;
    this.tokens = tokens;
  }

  /** The fault of files that this request shall meet. */
  static Optional<Fault> faultOf(RoutingContext context) {
    return Optional.ofNullable(context.get(FAULT));
  }

  @Override
  public void handle(RoutingContext context) {
    ClientCertificate.pass(context.request()).ifPresent(log::shown);
    RequestKind kind = RequestKind.of(context.request());
    log.received(kind, context.request().method() + " " + context.request().path());
    Optional<Fault> fault = faults.draw(kind);
    fault.ifPresent(drawn -> log.happened(kind, drawn));
    if (fault.isEmpty()) {
      context.next();
      return;
    }
    switch (fault.get()) {
      case THROTTLE -> context.response().setStatusCode(429).putHeader("Retry-After", "1").end();
      case UNAVAILABLE -> context.response().setStatusCode(503).end();
      case RESET -> context.request().connection().close();
      case LOSE_ANSWER -> {
        context.addHeadersEndHandler(done -> context.request().connection().close());
        context.next();
      }
      case TOO_MANY_JOBS -> refuse(context, 409, "throttled");
      case TOO_COSTLY -> refuse(context, 400, "too-costly");
      case KICK_OFF_TRANSIENT -> refuse(context, 400, "transient");
      case PAGE_GONE -> context.response().setStatusCode(410).end();
      case HANG -> {
        // Nobody answers: the request stays open until the client or the sandbox goes away.
      }
      case EXPIRE_TOKENS -> {
        tokens.expireAll();
        context.next();
      }
      case TRUNCATE, SLOW, FILE_EXPIRED, GZIP_MEMBERS, GZIP_CUT, GZIP_AT_REST, MIXED_TYPES -> {
        context.put(FAULT, fault.get());
        context.next();
      }
      default -> context.next();
    }
  }

  private static void refuse(RoutingContext context, int status, String code) {
    context
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", Answer.FHIR)
        .end(OperationOutcomes.error(code, "No job is started").toString());
  }
}
