package org.payerexchange.retrieve;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What was left out, or could not be had.
 *
 * @param others resources that are not the Patient's for certain
 * @param empty entries without a resource
 * @param outcomes what the payer says of the pages
 * @param refused what the payer refused, in words without PHI
 * @param unread what others refer to, and could not be had, as {@code Practitioner/1}
 */
record Missing(long others, long empty, long outcomes, List<String> refused, List<String> unread) {
  static final Missing NOTHING = new Missing(0, 0, 0, List.of(), List.of());
  static final Missing OTHERS = new Missing(1, 0, 0, List.of(), List.of());
  static final Missing EMPTY = new Missing(0, 1, 0, List.of(), List.of());
  static final Missing OUTCOME = new Missing(0, 0, 1, List.of(), List.of());

  /** Where so much is not to be had, nothing else that others refer to is asked for. */
  static final int MOST_UNREAD = 1000;

  Missing {
    refused = List.copyOf(refused);
    unread = List.copyOf(unread);
  }

  static Missing refused(String what) {
    return new Missing(0, 0, 0, List.of(what), List.of());
  }

  static Missing unread(String name) {
    return new Missing(0, 0, 0, List.of(), List.of(name));
  }

  Missing and(Missing more) {
    return more.equals(NOTHING)
        ? this
        : new Missing(
            others + more.others,
            empty + more.empty,
            outcomes + more.outcomes,
            joined(refused, more.refused),
            joined(unread, more.unread));
  }

  private static List<String> joined(List<String> some, List<String> more) {
    List<String> all = new ArrayList<>(some);
    all.addAll(more);
    return all;
  }

  boolean hasMostUnread() {
    return unread.size() >= MOST_UNREAD;
  }

  /** For the operator, without PHI. */
  Stream<String> inWords() {
    return Stream.concat(
        refused.stream(),
        Stream.of(
                counted(
                    others, "%s resources were left out: they are not the Patient's for certain"),
                counted(empty, "%s entries of pages hold no resource"),
                counted(outcomes, "%s OperationOutcomes came with pages: something may be missing"),
                counted(
                    unread.size(),
                    "%s resources that others refer to could not be read"
                        + (hasMostUnread() ? ", and others were not asked for" : "")))
            .flatMap(words -> words));
  }

  private static Stream<String> counted(long count, String words) {
    return count == 0 ? Stream.empty() : Stream.of(words.formatted(count));
  }

  /** The counts. */
  @Override
  public String toString() {
    return "Missing[%s, %s, %s]".formatted(others, empty, outcomes);
  }
}
