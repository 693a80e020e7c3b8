package org.payerexchange.payer;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The hours of each day in which a payer may be called, as the clocks of its zone show them. */
public record CallWindow(List<Hours> hours, ZoneId zone) {
  private static final String END_OF_DAY = "24:00";
  private static final int LONGEST_MINUTES = (int) Duration.ofDays(2).toMinutes();

  /** From a minute until before another one, over midnight where that is the earlier one. */
  public record Hours(LocalTime from, LocalTime until) {
    boolean hold(LocalTime time) {
      boolean begun = !time.isBefore(from);
      boolean over = !time.isBefore(until);
      return from.isBefore(until) ? begun && !over : begun || !over;
    }
  }

  /** A time in which the payer is not called. */
  public record Closed(Instant from, Instant until) {}

  /**
   * Reads {@code 20:00-06:00 America/Chicago}; several hours are separated by commas, and the zone
   * is UTC where none is named.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static CallWindow of(String text) {
    try {
      String[] parts = text.strip().replaceAll("\\s*([,-])\\s*(?=\\d)", "$1").split("\\s+", -1);
      if (parts.length > 2) {
        throw new DateTimeException("more than hours and a zone");
      }
      return new CallWindow(
          Arrays.stream(parts[0].split(",", -1)).map(CallWindow::hours).toList(),
          parts.length == 1 ? ZoneOffset.UTC : ZoneId.of(parts[1]));
    } catch (DateTimeException unreadable) {
      throw new IllegalArgumentException(
          "must be like 20:00-06:00 America/Chicago, or 20:00-06:00,12:00-13:00 in UTC",
          unreadable);
    }
  }

  private static Hours hours(String text) {
    String[] ends = text.split("-", -1);
    if (ends.length != 2 || ends[0].length() != 5 || ends[1].length() != 5) {
      throw new DateTimeException("no hours");
    }
    LocalTime until = ends[1].equals(END_OF_DAY) ? LocalTime.MIDNIGHT : LocalTime.parse(ends[1]);
    Hours hours = new Hours(LocalTime.parse(ends[0]), until);
    if (hours.from().equals(hours.until())) {
      throw new DateTimeException("they end when they begin");
    }
    return hours;
  }

  /** The same as it is configured. */
  public String text() {
    return hours.stream()
        .map(each -> each.from() + "-" + each.until())
        .collect(
            Collectors.joining(
                ",", "", " " + (zone.equals(ZoneOffset.UTC) ? "UTC" : zone.getId())));
  }

  /** Whether the payer may be called then. */
  public boolean isOpen(Instant at) {
    LocalTime time = at.atZone(zone).toLocalTime();
    return hours.stream().anyMatch(each -> each.hold(time));
  }

  /**
   * The time in which it is not called that goes on, or else the next one; empty if there is none.
   * It goes from minute to minute: so clocks that are put forward or back need no thought.
   */
  public Optional<Closed> closed(Instant now) {
    Instant minute = now.truncatedTo(ChronoUnit.MINUTES);
    Optional<Instant> from =
        isOpen(minute)
            ? first(minute, 1, false)
            : first(minute, -1, true).map(open -> open.plus(1, ChronoUnit.MINUTES));
    return from.flatMap(begin -> first(begin, 1, true).map(end -> new Closed(begin, end)));
  }

  private Optional<Instant> first(Instant begin, int step, boolean open) {
    Instant at = begin;
    for (int minutes = 0; minutes < LONGEST_MINUTES; minutes++) {
      at = at.plus(step, ChronoUnit.MINUTES);
      if (isOpen(at) == open) {
        return Optional.of(at);
      }
    }
    return Optional.empty();
  }
}
