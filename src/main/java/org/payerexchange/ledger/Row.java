package org.payerexchange.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.List;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Lease;

/**
 * A row of a query, read by type; absent values are null.
 *
 * @param newToken what a step that is claimed gets; null in other queries
 */
public record Row(ResultSet results, Long newToken) {
  public Row(ResultSet results) {
    this(results, null);
  }

  /** Text. */
  public String text(String column) throws SQLException {
    return results.getString(column);
  }

  /** A small whole number; 0 if absent. */
  public int number(String column) throws SQLException {
    return results.getInt(column);
  }

  /** A whole number; 0 if absent. */
  public long big(String column) throws SQLException {
    return results.getLong(column);
  }

  /** A whole number. */
  public Long bigOrNull(String column) throws SQLException {
    return results.getObject(column, Long.class);
  }

  /** True or false. */
  public Boolean flagOrNull(String column) throws SQLException {
    return results.getObject(column, Boolean.class);
  }

  /** A point in time. */
  public Instant instant(String column) throws SQLException {
    OffsetDateTime time = results.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  /** A point in time that is kept by the clock of the row's gate. */
  public Instant ofGate(String column) throws SQLException {
    Instant time = instant(column);
    return time == null ? null : time.plusNanos((long) (results.getDouble("held") * 1e9));
  }

  /** A day. */
  public LocalDate date(String column) throws SQLException {
    return results.getObject(column, LocalDate.class);
  }

  /** The lease that a claimed step gets. */
  public Lease lease() throws SQLException {
    return new Lease(
        big("step_id"),
        newToken,
        number("attempts"),
        ofGate("failing_since"),
        ofGate("refused_since"));
  }

  /** A constant by its name. */
  public <E extends Enum<E>> E constant(Class<E> type, String column) throws SQLException {
    String name = results.getString(column);
    return name == null ? null : Enum.valueOf(type, name);
  }

  /** Its column {@code reason}. */
  public FailureReason reason() throws SQLException {
    return constant(FailureReason.class, "reason");
  }

  /** Warnings, one a line. */
  public List<String> warnings() throws SQLException {
    String lines = results.getString("warnings");
    return lines == null ? List.of() : lines.lines().toList();
  }
}
