package org.payerexchange.intake;

import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * Rejected records of JMS messages, for the rejected queue: the body is the record as it came, text
 * where it is text. Properties say why, without PHI.
 */
public final class RejectedMessages {
  /** Where the record came from: {@code jms:} and the id of the message. */
  public static final String SOURCE = "p2pSource";

  /** Its place in that message, from 1. */
  public static final String RECORD = "p2pRecord";

  /** The names of {@link IntakeProblem.Reason}s, separated by commas. */
  public static final String REASON = "p2pReason";

  /** A FHIR R4 OperationOutcome as JSON: which fields, and why. */
  public static final String OUTCOME = "p2pOutcome";

  /** The JMS name of the type that the message came with; a text or bytes message is sent. */
  public static final String TYPE = UnreadBodies.TYPE;

  /** Makes a {@link Rejection} in the body the message to be sent. */
  public void prepare(Exchange exchange) {
    Rejection rejection = exchange.getMessage().getBody(Rejection.class);
    OriginalRecord original = rejection.original();
    if (original.isBeginning()) {
      prepareWhole(exchange);
      return;
    }
    prepare(
        exchange, rejection, original.text().<Object>map(text -> text).orElseGet(original::bytes));
  }

  /** The same for a rejection of the whole message, whose body is sent as it came. */
  public void prepareWhole(Exchange exchange) {
    prepare(
        exchange, exchange.getMessage().getBody(Rejection.class), received(exchange).original());
  }

  private static ReceivedMessage received(Exchange exchange) {
    return exchange.getVariable("intakeMessage", ReceivedMessage.class);
  }

  private static void prepare(Exchange exchange, Rejection rejection, Object original) {
    Message message = exchange.getMessage();
    message.removeHeaders("*");
    message.setHeader(SOURCE, rejection.source().name());
    message.setHeader(RECORD, rejection.number());
    message.setHeader(REASON, rejection.codes());
    message.setHeader(OUTCOME, JsonObjects.write(rejection.outcome()));
    message.setHeader(TYPE, received(exchange).type());
    message.setBody(original);
  }
}
