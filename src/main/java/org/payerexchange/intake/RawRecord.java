package org.payerexchange.intake;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * A record as it was found in a file or a message. It holds PHI.
 *
 * @param number its place among the records of its file or message, from 1
 * @param form how it is written
 * @param original its own bytes; for a CSV row the header too, so that it can be sent again alone
 * @param content what it says, or null if it cannot be read
 * @param problem why it cannot be read, or null if it can
 * @param open whether the input ended before the record did, so that a file that is still written
 *     may hold more of it: a last row without a line end, JSON that is not closed
 */
public record RawRecord(
    long number,
    RecordForm form,
    OriginalRecord original,
    ObjectNode content,
    IntakeProblem problem,
    boolean open) {

  static RawRecord readable(long number, RecordForm form, byte[] original, ObjectNode content) {
    return new RawRecord(number, form, new OriginalRecord(original), content, null, false);
  }

  static RawRecord unreadable(long number, RecordForm form, byte[] original, String why) {
    return new RawRecord(
        number, form, new OriginalRecord(original), null, IntakeProblem.unreadable(why), false);
  }

  /** The same, in this place. */
  RawRecord numbered(long place) {
    return new RawRecord(place, form, original, content, problem, open);
  }

  /** The same, found where the input ended before the record did. */
  RawRecord atOpenEnd() {
    return new RawRecord(number, form, original, content, problem, true);
  }

  /** The same, of whose original there is more than is held here. */
  RawRecord cut() {
    return new RawRecord(number, form, original.asBeginning(), content, problem, open);
  }

  /** Why it cannot be read, if it cannot. */
  public Optional<IntakeProblem> unreadable() {
    return Optional.ofNullable(problem);
  }

  /** No content: it is PHI. */
  @Override
  public String toString() {
    return "RawRecord[%s, %s]".formatted(number, form);
  }
}
