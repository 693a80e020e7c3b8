package org.payerexchange.intake;

import java.util.Map;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ICoreMessage;
import org.apache.activemq.artemis.api.core.Interceptor;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.protocol.core.Packet;
import org.apache.activemq.artemis.core.protocol.core.impl.wireformat.SessionReceiveLargeMessage;
import org.apache.activemq.artemis.core.protocol.core.impl.wireformat.SessionReceiveMessage;
import org.apache.activemq.artemis.spi.core.protocol.RemotingConnection;

/**
 * Has every message from the broker arrive as bytes. The broker's client would read a text, a map
 * or an object into memory, and unpack what is packed, of any size, before anyone could look at it;
 * bytes it leaves alone. What the message was stands in properties, for {@link MessageBodies}.
 */
final class UnreadBodies implements Interceptor {
  /** The JMS name of the message's type: {@code TextMessage}. */
  static final String TYPE = "p2pMessageType";

  /** Whether the broker's client of the sender packed the body. */
  static final String DEFLATED = "p2pDeflated";

  private static final SimpleString TYPE_PROPERTY = SimpleString.of(TYPE);
  private static final SimpleString DEFLATED_PROPERTY = SimpleString.of(DEFLATED);
  private static final Map<Byte, String> TYPES =
      Map.of(
          Message.TEXT_TYPE,
          "TextMessage",
          Message.BYTES_TYPE,
          "BytesMessage",
          Message.MAP_TYPE,
          "MapMessage",
          Message.STREAM_TYPE,
          "StreamMessage",
          Message.OBJECT_TYPE,
          "ObjectMessage");

  @Override
  public boolean intercept(Packet packet, RemotingConnection connection) throws ActiveMQException {
    if (packet instanceof SessionReceiveMessage small) {
      leaveUnread(small.getMessage().toCore());
    } else if (packet instanceof SessionReceiveLargeMessage large) {
      large
          .getLargeMessage()
          .putLongProperty(Message.HDR_LARGE_BODY_SIZE, large.getLargeMessageSize());
      leaveUnread(large.getLargeMessage().toCore());
    }
    return true;
  }

  private static void leaveUnread(ICoreMessage message) {
    message.putStringProperty(
        TYPE_PROPERTY, SimpleString.of(TYPES.getOrDefault(message.getType(), "Message")));
    message.setType(Message.BYTES_TYPE);
    message.putBooleanProperty(
        DEFLATED_PROPERTY, message.removeProperty(Message.HDR_LARGE_COMPRESSED) != null);
  }
}
