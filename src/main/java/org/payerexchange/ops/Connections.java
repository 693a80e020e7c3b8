package org.payerexchange.ops;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The connections of one port. There are so many at once, and each of them brings a whole request,
 * or takes a whole answer away, within a time: one that is idle or slow is closed. Where there are
 * too many, the oldest that has not been let in makes room, so that those who hold connections open
 * shut out nobody else.
 */
public final class Connections {
  private final Vertx vertx;
  private final int most;
  private final long patience;
  private final Map<HttpConnection, Guest> guests = new LinkedHashMap<>();

  /**
   * Of one port.
   *
   * @param most {@code p2p.ops.max-connections}
   * @param patience {@code p2p.ops.request-timeout}
   */
  public Connections(Vertx vertx, int most, Duration patience) {
    this.vertx = vertx;
    this.most = most;
    this.patience = patience.toMillis();
  }

  /** A new connection: a head is to come. */
  public synchronized void opened(HttpConnection connection) {
    if (guests.size() >= most) {
      Optional<Guest> oldest = guests.values().stream().filter(guest -> !guest.isIn).findFirst();
      if (oldest.isEmpty()) {
        connection.close();
        return;
      }
      left(oldest.get());
      oldest.get().connection.close();
    }
    Guest guest = new Guest(connection);
    guests.put(connection, guest);
    connection.closeHandler(closed -> left(guest));
    guest.awaits(null);
  }

  /**
   * A head has come: its body is to follow.
   *
   * @param admits whether it is let in; who is not is answered by it, and sent away once the rest
   *     of his request has come, so that he can read the answer
   * @return whether it is to be routed
   */
  public boolean received(HttpServerRequest request, Predicate<HttpServerRequest> admits) {
    Guest guest = guest(request);
    if (guest == null || guest.isLeaving) {
      request.connection().close();
      return false;
    }
    guest.awaits(request);
    request.response().bodyEndHandler(answered -> answered(guest, request));
    try {
      guest.isIn = admits.test(request);
    } catch (RuntimeException broken) {
      // nobody would ever answer it
      request.connection().close();
      throw broken;
    }
    if (!guest.isIn) {
      guest.isLeaving = true;
      request.endHandler(whole -> guest.leaveIfDone(request));
    }
    return guest.isIn;
  }

  /** Has something done once the request is answered or its connection is closed. */
  public synchronized void atEnd(HttpServerRequest request, Runnable action) {
    Guest guest = guests.get(request.connection());
    if (guest == null) {
      action.run();
    } else {
      guest.atEnd.add(action);
    }
  }

  private synchronized Guest guest(HttpServerRequest request) {
    return guests.get(request.connection());
  }

  /** The answer is to be taken away, and the next head to come, within the same time. */
  private void answered(Guest guest, HttpServerRequest request) {
    guest.end();
    guest.awaits(null);
    guest.leaveIfDone(request);
  }

  private synchronized void left(Guest guest) {
    guests.remove(guest.connection);
    vertx.cancelTimer(guest.timer);
    guest.end();
  }

  private final class Guest {
    private final HttpConnection connection;
    private final List<Runnable> atEnd = new ArrayList<>();
    private long timer;
    private volatile boolean isIn;
    private volatile boolean isLeaving;

    Guest(HttpConnection connection) {
      this.connection = connection;
    }

    /** The whole of a request that has begun, or the head of the next one. */
    void awaits(HttpServerRequest request) {
      synchronized (Connections.this) {
        vertx.cancelTimer(timer);
        timer =
            vertx.setTimer(
                patience,
                late -> {
                  if (request == null || !request.isEnded()) {
                    connection.close();
                  }
                });
      }
    }

    void leaveIfDone(HttpServerRequest request) {
      if (isLeaving && request.isEnded() && request.response().ended()) {
        connection.close();
      }
    }

    void end() {
      synchronized (Connections.this) {
        isIn = false;
        atEnd.forEach(Runnable::run);
        atEnd.clear();
      }
    }
  }
}
