package org.payerexchange.ops;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.regex.Pattern;

/** What the holder of a key may do. */
public enum OpsRole {
  /** Sees all but members' data. */
  READER,
  /** Sees and does everything. */
  OPERATOR,
  /** Hands in records, and sees nothing but the answer. */
  INTAKE;

  private static final Pattern RECORDS = Pattern.compile("/api/(transfers|withdrawals)/?");

  /** Asks for members' data, as a query parameter or a header, which the door drops. */
  private static final String INCLUDE = "include";

  /** Whether this role is enough for a request; it is told by the request's head alone. */
  boolean may(HttpServerRequest request) {
    return switch (this) {
      case OPERATOR -> true;
      case READER ->
          isRead(request)
              && !request.params().contains(INCLUDE)
              && !request.headers().contains(INCLUDE);
      case INTAKE -> handsIn(request);
    };
  }

  /** Whether it only asks. */
  static boolean isRead(HttpServerRequest request) {
    return request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
  }

  /** Whether it hands records in. */
  static boolean handsIn(HttpServerRequest request) {
    return request.method().equals(HttpMethod.POST)
        && RECORDS.matcher(String.valueOf(request.path())).matches();
  }
}
