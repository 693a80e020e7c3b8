package org.payerexchange.ledger;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongPredicate;
import java.util.stream.Stream;

/**
 * What a file that is stored means for its deliveries. A sink that already took the same content
 * keeps it.
 *
 * @param content how many contents the file has had
 * @param turn in which order sinks take it; null if they are not to have it
 * @param added sinks that had nothing of the transfer yet
 * @param reopened deliveries that were done, may have the file's content before in hand, or are
 *     behind it, as they go on: who still works on one is too late
 * @param newlyOpen how many deliveries more are open
 */
public record StorePlan(
    int content, Long turn, List<Sink> added, List<Delivery> reopened, int newlyOpen) {
  /** More than a transfer has files. */
  private static final long ROUND = 1_000_000_000;

  /**
   * A sink.
   *
   * @param whole whether it begins once all files are there, and sums up at the end
   */
  public record Sink(String name, boolean whole) {}

  /**
   * A delivery of the transfer.
   *
   * @param place the turn of the file in hand
   * @param position how many resources of that file the sink has
   */
  public record Delivery(
      long id, String sink, DeliveryState state, boolean whole, long place, long position) {

    private Optional<Delivery> reopened(boolean anew, boolean replaces, Long turn) {
      if (turn == null) {
        return Optional.empty();
      }
      boolean done = state == DeliveryState.DONE && (anew || whole);
      boolean back = replaces || (anew && place > turn);
      return done || back
          ? Optional.of(
              new Delivery(
                  id,
                  sink,
                  done ? state.to(DeliveryState.PENDING) : state,
                  whole,
                  back ? Math.min(place, turn) : place,
                  back && place >= turn ? 0 : position))
          : Optional.empty();
    }
  }

  /**
   * Plans.
   *
   * @param before what the file had been when it was last stored
   * @param delivered whether any sink is to have it
   * @param number counts the files of the transfer
   * @param isLast whether no file of the transfer has a later turn than this
   * @param sinks that take files while others still come
   * @param whole sinks that begin once all files are there
   * @param wholeTurn the file's turn at these; null if they do not want it
   * @param known the deliveries that the transfer has
   */
  public static StorePlan of(
      StoredBefore before,
      boolean delivered,
      int number,
      LongPredicate isLast,
      FetchedFile file,
      List<String> sinks,
      List<String> whole,
      Long wholeTurn,
      List<Delivery> known) {
    boolean same = Objects.equals(file.sha256(), before.sha256());
    boolean anew = !same || before.turn() == null;
    boolean replaces = anew && before.sha256() != null;
    Long turn =
        !delivered
            ? null
            : anew ? Long.valueOf(turn(before.turn(), number, isLast, known)) : before.turn();
    List<Sink> added =
        Stream.concat(
                sinks.stream().map(sink -> new Sink(sink, false)),
                whole.stream().map(sink -> new Sink(sink, true)))
            .filter(sink -> known.stream().noneMatch(each -> each.sink().equals(sink.name())))
            .sorted(Comparator.comparing(Sink::name))
            .toList();
    Function<Delivery, Stream<Delivery>> again =
        each -> each.reopened(anew, replaces, each.whole() ? wholeTurn : turn).stream();
    long undone =
        known.stream().filter(each -> each.state() == DeliveryState.DONE).flatMap(again).count();
    return new StorePlan(
        before.content() + (same ? 0 : 1),
        turn,
        added,
        known.stream().flatMap(again).toList(),
        added.size() + Math.toIntExact(undone));
  }

  /**
   * That which it has, unless a sink is past it. A new one is behind all others: a sink passes over
   * what comes before a file that it has in hand.
   */
  private static long turn(Long before, int number, LongPredicate isLast, List<Delivery> known) {
    long place =
        known.stream().filter(each -> !each.whole()).mapToLong(Delivery::place).max().orElse(0);
    if (before != null && before >= place) {
      return before;
    }
    long turn = number;
    while (turn < place || !isLast.test(turn)) {
      turn += ROUND;
    }
    return turn;
  }
}
