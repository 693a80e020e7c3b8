package org.payerexchange.ops;

import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.payerexchange.ledger.store.TransferPage;

/**
 * What a request asks for, by the names of its parameters; each is checked as it is read. No text
 * of a request is repeated in an answer, but what may be the name of a payer or a sink: it may be
 * anything.
 */
record Asked(Map<String, ?> values) {
  /** As the ledger keeps it, in characters. */
  private static final int LONGEST_REQUEST_ID = 200;

  private static final Pattern DATE = Pattern.compile("\\d{4}-\\d\\d-\\d\\d");

  private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant END = Instant.parse("+10000-01-01T00:00:00Z");

  /** A text, or null. */
  String text(String name) {
    Object value = values.get(name);
    if (value instanceof Collection) {
      throw new OpsRefusal(400, name + " is given more than once");
    }
    return value == null ? null : value.toString();
  }

  /** A text of any printable characters, or null. */
  String text(String name, int longest) {
    String text = text(name);
    if (text != null
        && (text.isBlank()
            || text.length() > longest
            || text.chars().anyMatch(Character::isISOControl))) {
      throw new OpsRefusal(
          400, "%s is empty, longer than %s, or unprintable".formatted(name, longest));
    }
    return text;
  }

  /** The sender's id of a request, or null. */
  String requestId() {
    return text("requestId", LONGEST_REQUEST_ID);
  }

  /** A text that is there, and looks as it must. */
  String required(Pattern pattern, String name) {
    String text = text(name);
    if (text == null || !pattern.matcher(text).matches()) {
      throw new OpsRefusal(400, name + " is missing or malformed");
    }
    return text;
  }

  /** The same, or null. */
  String optional(Pattern pattern, String name) {
    return text(name) == null ? null : required(pattern, name);
  }

  int number(String name, int otherwise) {
    String text = text(name);
    try {
      return text == null ? otherwise : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new OpsRefusal(400, name + " is not a number");
    }
  }

  /** A page of a list. */
  Page page() {
    Page page = new Page(number("page", 0), number("size", TransferPage.SIZE));
    try {
      TransferPage.check(page.number(), page.size());
    } catch (IllegalArgumentException outOfBounds) {
      throw new OpsRefusal(400, outOfBounds.getMessage());
    }
    return page;
  }

  /** A page from 0, and how many are on it. */
  record Page(int number, int size) {}

  /** A point in time, or a day's beginning in UTC; or null. */
  Instant time(String name) {
    String text = text(name);
    if (text == null) {
      return null;
    }
    Instant time;
    try {
      time =
          DATE.matcher(text).matches()
              ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
              : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      throw new OpsRefusal(
          400,
          name + " is neither a time such as 2026-11-27T08:00:00Z nor a day such as 2026-11-27");
    }
    return within(time, name);
  }

  /** No ledger knows times of other years. */
  private static Instant within(Instant time, String name) {
    if (time.isBefore(FIRST) || !time.isBefore(END)) {
      throw new OpsRefusal(400, name + " is not of the years 0001 to 9999");
    }
    return time;
  }

  /** A day that is there. */
  LocalDate day(String name) {
    String text = text(name);
    LocalDate day;
    try {
      day = LocalDate.parse(text == null || !DATE.matcher(text).matches() ? "" : text);
    } catch (DateTimeParseException e) {
      throw new OpsRefusal(400, name + " is missing, or no day such as 2026-11-27");
    }
    within(day.atStartOfDay(ZoneOffset.UTC).toInstant(), name);
    return day;
  }

  /** Constants with commas between them; none for null. */
  <E extends Enum<E>> Set<E> constants(Class<E> type, String name) {
    Set<E> found = EnumSet.noneOf(type);
    String text = text(name);
    if (text != null) {
      for (String part : text.split(",", type.getEnumConstants().length + 1)) {
        found.add(constant(type, part, name));
      }
    }
    return found;
  }

  <E extends Enum<E>> E constant(Class<E> type, String name) {
    return constant(type, text(name), name);
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String text, String name) {
    try {
      return Enum.valueOf(type, text == null ? "" : text.strip().toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new OpsRefusal(
          400, "%s is none of %s".formatted(name, Arrays.toString(type.getEnumConstants())));
    }
  }
}
