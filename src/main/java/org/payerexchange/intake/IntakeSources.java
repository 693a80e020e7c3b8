package org.payerexchange.intake;

import java.util.Collection;
import java.util.Map;

/**
 * Tells where records come from, for the variable {@code intakeSource} that {@code
 * direct:take-in-records} needs. Messages and requests may name a payer and a request id in the
 * headers (JMS properties, HTTP headers or query parameters) {@code payer} and {@code requestId}.
 */
public final class IntakeSources {
  /** The header that names the key a request to the ops API comes with, if that has a name. */
  public static final String KEY = "P2P-Key";

  /** A file of the inbox; its folder, if it is in one, names the payer. */
  public IntakeSource file(InboxReading reading) {
    return new IntakeSource(reading.file().name(), reading.file().payer(), null);
  }

  /** A JMS message. */
  public IntakeSource message(ReceivedMessage message) {
    return message.source();
  }

  /**
   * A request to the ops API.
   *
   * @param headers its headers and query parameters, as they came
   * @throws IntakeRefusal if it names several payers or request ids
   */
  public IntakeSource request(Map<String, ?> headers) {
    String key = one(KEY, headers.get(KEY));
    return IntakeSource.of(
        key == null || key.isEmpty() ? "http" : "http:" + key,
        one("payer", headers.get("payer")),
        one("requestId", headers.get("requestId")));
  }

  static String one(String name, Object value) {
    if (value instanceof Collection<?>) {
      throw new IntakeRefusal(
          IntakeRefusal.Kind.BROKEN, "comes with more than one %s".formatted(name));
    }
    return value == null ? null : value.toString();
  }
}
