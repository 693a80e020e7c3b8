package org.payerexchange.ledger.store;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;

/**
 * Which transfers are meant: those that all of it lets through.
 *
 * @param states any of these; empty for all
 * @param payer only this one's, or null
 * @param reasons any of these; empty for all, and for those without one
 * @param sink only those of which this sink has not had all, be it that it is still to have the
 *     rest or that it will not, or of which a step failed there and waits, where the sink is {@link
 *     Waiting#isOurOwn our own}; or null
 * @param requestId only those that the sender called so, or null
 * @param source only those whose source ends with this, such as a file's name, or null
 * @param batch only the members of this one, or null
 * @param from only those that were received then or later, or null
 * @param until only those that were received before, or null
 */
public record TransferFilter(
    Set<TransferState> states,
    String payer,
    Set<FailureReason> reasons,
    String sink,
    String requestId,
    String source,
    String batch,
    Instant from,
    Instant until) {

  /** Lets all through. */
  public static final TransferFilter ALL =
      new TransferFilter(Set.of(), null, Set.of(), null, null, null, null, null, null);

  /** Lets those through that were received then or later. */
  public static TransferFilter receivedSince(Instant from) {
    return new TransferFilter(Set.of(), null, Set.of(), null, null, null, null, from, null);
  }

  /** Copies the sets. */
  public TransferFilter {
    states = Set.copyOf(states);
    reasons = Set.copyOf(reasons);
  }

  /**
   * The same as a condition on rows of {@code transfer}.
   *
   * @param embedded whether the database is H2, which has no index of how a source ends
   */
  Condition condition(boolean embedded) {
    Condition condition = new Condition("NOT is_batch");
    // as literals, so that a partial index is seen to have all of them
    condition.amongConstants("state", states);
    condition.add("payer = ?", payer);
    condition.amongConstants("reason", reasons);
    condition.add(
        Waiting.isOurOwn(sink)
            ? "transfer.id IN (SELECT step.transfer_id FROM step WHERE step.failing_since IS NOT NULL AND %s = ?)"
                .formatted(Waiting.SINK)
            : """
            EXISTS (SELECT 1 FROM delivery WHERE delivery.transfer_id = transfer.id
              AND delivery.sink = ? AND delivery.state <> 'DONE')""",
        sink);
    condition.add("request_id = ?", requestId);
    if (source != null && embedded) {
      condition.add("RIGHT(source, ?) = ?", source.length(), source);
    } else if (source != null) {
      condition.add("REVERSE(source) LIKE ?", beginning(source));
      condition.few = true;
    }
    condition.add("batch_id = ?", batch);
    condition.add("received_at >= ?", LedgerDatabase.time(from));
    condition.add("received_at < ?", LedgerDatabase.time(until));
    return condition;
  }

  /** A pattern for what begins with the reverse of a text, whatever that has in it. */
  private static String beginning(String text) {
    return new StringBuilder(text).reverse().toString().replaceAll("[\\\\%_]", "\\\\$0") + "%";
  }

  /** What is to hold of a row that is a transfer, and no batch, with the values for its places. */
  static final class Condition {
    private final List<String> parts = new ArrayList<>();
    private final List<Object> values = new ArrayList<>();
    private boolean few;

    /** What holds of all. */
    Condition(String first) {
      parts.add(first);
    }

    /** One more; nothing where the value is null. */
    void add(String part, Object value) {
      if (value != null) {
        add(part, new Object[] {value});
      }
    }

    void add(String part, Object... given) {
      parts.add(part);
      values.addAll(List.of(given));
    }

    /** Only those behind this one, in the order of {@code received_at, id}. */
    void behind(Instant receivedAt, String id) {
      OffsetDateTime time = LedgerDatabase.time(receivedAt);
      add("received_at >= ? AND (received_at > ? OR id > ?)", time, time, id);
    }

    private void amongConstants(String column, Collection<? extends Enum<?>> constants) {
      if (!constants.isEmpty()) {
        parts.add(
            constants.stream()
                .map(constant -> "'" + constant.name() + "'")
                .sorted()
                .collect(Collectors.joining(", ", column + " IN (", ")")));
      }
    }

    /**
     * The rows as a table. PostgreSQL does not know that few have a source, and would look for the
     * latest of them among all, which takes long where they are old: it has to find them first.
     */
    String rows() {
      return (few ? "(SELECT * FROM transfer %s OFFSET 0) transfer" : "transfer %s")
          .formatted(where());
    }

    String where() {
      return "WHERE " + String.join(" AND ", parts);
    }

    List<Object> values() {
      return values;
    }
  }
}
