package org.payerexchange.intake;

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
  public IntakeSource message(
      @Header("JMSMessageID") String messageId,
      @Header("payer") String payer,
      @Header("requestId") String requestId) {
    return new IntakeSource("jms:" + messageId, blankToNull(payer), blankToNull(requestId));
  }

  /** A request to the ops API. */
  public IntakeSource request(
      @Header("payer") String payer, @Header("requestId") String requestId) {
    return new IntakeSource("http", blankToNull(payer), blankToNull(requestId));
  }

  private static String blankToNull(String text) {
    return text == null || text.isBlank() ? null : text.strip();
  }
}
