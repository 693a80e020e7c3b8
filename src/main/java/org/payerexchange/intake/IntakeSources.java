package org.payerexchange.intake;

import java.util.Collection;
import org.apache.camel.Header;
import org.apache.camel.Variable;

/**
 * Tells where records come from, for the variable {@code intakeSource} that {@code
 * direct:take-in-records} needs. Messages and requests may name a payer and a request id in the
 * headers (JMS properties, HTTP headers or query parameters) {@code payer} and {@code requestId}.
 */
public final class IntakeSources {

  /** A file of the inbox; its folder, if it is in one, names the payer. */
  public IntakeSource file(@Variable("reading") InboxReading reading) {
    return new IntakeSource(reading.file().name(), reading.file().payer(), null);
  }

  /** A JMS message. */
  public IntakeSource message(@Variable("intakeMessage") ReceivedMessage message) {
    return message.source();
  }

  /**
   * A request to the ops API.
   *
   * @throws IntakeRefusal if it names several payers or request ids
   */
  public IntakeSource request(
      @Header("payer") Object payer, @Header("requestId") Object requestId) {
    return IntakeSource.of("http", one("payer", payer), one("requestId", requestId));
  }

  static String one(String name, Object value) {
    if (value instanceof Collection<?>) {
      throw new IntakeRefusal(
          IntakeRefusal.Kind.BROKEN, "comes with more than one %s".formatted(name));
    }
    return value == null ? null : value.toString();
  }
}
