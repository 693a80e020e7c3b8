package org.payerexchange.intake;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.apache.activemq.artemis.api.core.ActiveMQBuffer;
import org.apache.activemq.artemis.api.core.ActiveMQBuffers;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.jms.client.ActiveMQMessage;
import org.apache.activemq.artemis.reader.TextMessageUtil;
import org.payerexchange.intake.IntakeRefusal.Kind;
import org.springframework.jms.support.converter.MessageConversionException;
import org.springframework.jms.support.converter.MessageConverter;

/**
 * Reads the bodies of JMS messages: text and bytes hold records, nothing else does. No object is
 * ever made of an ObjectMessage, and no body is read that is longer than what is taken.
 *
 * <p>Bytes may declare their charset and their packing in the properties {@code charset}, {@code
 * contentType} and {@code contentEncoding}, or as AMQP and Camel name these.
 */
public final class MessageBodies implements MessageConverter {
  private static final int TEXT_PREFIX = 1 + Integer.BYTES;

  private final int maxBytes;
  private final DeclaredBody declared;
  private final ValuesAsJson values;

  /**
   * Reads no body that is longer.
   *
   * @param maxBytes counted as the broker counts, which takes two bytes for a character of text
   */
  public MessageBodies(int maxBytes) {
    this.maxBytes = maxBytes;
    this.declared = new DeclaredBody(maxBytes);
    this.values = new ValuesAsJson(maxBytes);
  }

  /**
   * What the message says and holds.
   *
   * @throws MessageConversionException if the broker does not hand the body over
   */
  @Override
  public ReceivedMessage fromMessage(Message message) throws JMSException {
    MessageProperties properties = new MessageProperties(message);
    String type = message.getStringProperty(UnreadBodies.TYPE);
    MessageBody body = MessageBody.of(((ActiveMQMessage) message).getCoreMessage());
    boolean deflated = message.getBooleanProperty(UnreadBodies.DEFLATED);
    if (body.size() > maxBytes) {
      if (type.equals("TextMessage") && !deflated) {
        // a mark that there is text, and its length: what follows is the text in UTF-16, little
        // endian
        read(body, TEXT_PREFIX);
      }
      IntakeRefusal tooLarge =
          new IntakeRefusal(
              Kind.TOO_LARGE, "is in a message of more than %s bytes".formatted(maxBytes));
      return ReceivedMessage.refused(properties.source(), type, body, tooLarge);
    }
    byte[] sent = read(body, maxBytes);
    try {
      return received(properties, type, deflated ? declared.inflate(sent) : sent);
    } catch (IntakeRefusal refusal) {
      return ReceivedMessage.refused(properties.source(), type, sent, refusal);
    }
  }

  private ReceivedMessage received(MessageProperties properties, String type, byte[] content) {
    IntakeSource source = properties.source();
    return switch (type) {
      case "BytesMessage" -> bytes(properties, type, content);
      case "TextMessage" -> text(source, type, parsed(content, MessageBodies::text).orElse(""));
      case "MapMessage" ->
          ReceivedMessage.refused(
              source, type, orBytes(parsed(content, values::map), content), noRecords(type));
      case "StreamMessage" ->
          ReceivedMessage.refused(
              source, type, orBytes(parsed(content, values::stream), content), noRecords(type));
      case "ObjectMessage" ->
          ReceivedMessage.refused(source, type, serialized(content), noRecords(type));
      default -> ReceivedMessage.refused(source, type, content, noRecords(type));
    };
  }

  private ReceivedMessage bytes(MessageProperties properties, String type, byte[] content) {
    try {
      return ReceivedMessage.readable(
          properties.source(),
          type,
          content,
          declared.utf8(content, properties.charset(), properties.encoding()));
    } catch (IntakeRefusal refusal) {
      return ReceivedMessage.refused(properties.source(), type, content, refusal);
    }
  }

  private static ReceivedMessage text(IntakeSource source, String type, String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text)
        ? ReceivedMessage.readable(source, type, text, text.getBytes(StandardCharsets.UTF_8))
        : ReceivedMessage.refused(
            source, type, text, new IntakeRefusal(Kind.BROKEN, "holds half a character"));
  }

  private static Optional<String> text(ActiveMQBuffer content) {
    return Optional.ofNullable(TextMessageUtil.readBodyText(content)).map(SimpleString::toString);
  }

  private static Optional<String> parsed(byte[] content, BodyReader reader) {
    try {
      return reader.read(ActiveMQBuffers.wrappedBuffer(content));
    } catch (IOException | RuntimeException malformed) {
      throw new IntakeRefusal(Kind.BROKEN, "is in a message whose body is not of its type");
    }
  }

  private static Object orBytes(Optional<String> text, byte[] content) {
    return text.isPresent() ? text.get() : content;
  }

  /** The object's bytes without their number, which the broker's client puts before them. */
  private static byte[] serialized(byte[] content) {
    boolean counted =
        content.length >= Integer.BYTES
            && ByteBuffer.wrap(content).getInt() == content.length - Integer.BYTES;
    return counted ? Arrays.copyOfRange(content, Integer.BYTES, content.length) : content;
  }

  private static IntakeRefusal noRecords(String type) {
    return new IntakeRefusal(
        Kind.UNSUPPORTED, "is in a %s, and only text and bytes are read".formatted(type));
  }

  private static byte[] read(MessageBody body, int length) {
    try {
      return body.readNBytes(length);
    } catch (IOException | RuntimeException e) {
      throw new MessageConversionException("the broker does not hand the body over", e);
    }
  }

  /**
   * The records of a message, in UTF-8.
   *
   * @throws IntakeRefusal if it is refused
   */
  public byte[] open(ReceivedMessage message) {
    return message.records();
  }

  /** Sends nothing. */
  @Override
  public Message toMessage(Object object, Session session) {
    throw new UnsupportedOperationException();
  }

  private interface BodyReader {
    Optional<String> read(ActiveMQBuffer body) throws IOException;
  }
}
