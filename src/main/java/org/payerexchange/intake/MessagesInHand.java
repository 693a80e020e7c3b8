package org.payerexchange.intake;

import jakarta.jms.JMSException;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.component.jms.JmsMessage;
import org.payerexchange.http.CloseWhenDone;
import org.payerexchange.ledger.store.ItemEnds;
import org.payerexchange.ledger.store.LostEnds;
import org.payerexchange.step.Hands;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Messages that are being taken in. One that the broker delivers again may have ended the process
 * that had it before: it is counted, then taken alone, and in the end refused.
 */
public final class MessagesInHand {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Logger LOG = LoggerFactory.getLogger(MessagesInHand.class);

  private final ItemEnds ends;
  private final Hands hands;

  /** Counts there, and holds here. */
  public MessagesInHand(ItemEnds ends, Hands hands) {
    this.ends = ends;
    this.hands = hands;
  }

  /**
   * Holds a message until the exchange is done.
   *
   * @throws IntakeRefusal if it ended one process after the other
   */
  public void hold(Exchange exchange) throws JMSException {
    var message = exchange.getMessage(JmsMessage.class).getJmsMessage();
    String id = message.getJMSMessageID();
    // without an id, as AMQP allows, one is like the other
    int times = message.getJMSRedelivered() && id != null ? ends.count(id) : 0;
    CloseWhenDone.with(exchange, () -> release(exchange.getExchangeId(), id, times));
    if (times >= LostEnds.GUILTY) {
      throw new IntakeRefusal(IntakeRefusal.Kind.BROKEN, LostEnds.WORDS);
    }
    boolean suspect = times >= LostEnds.SUSPECT;
    if (hands.takeWithin(exchange.getExchangeId(), suspect, PATIENCE) && suspect) {
      ends.alone(id);
    }
  }

  private void release(String exchange, String id, int times) {
    hands.drop(exchange);
    try {
      if (times > 0) {
        ends.forget(id);
      }
    } catch (DataAccessException | TransactionException away) {
      LOG.debug("the ledger is away: a message stays counted");
    }
  }
}
