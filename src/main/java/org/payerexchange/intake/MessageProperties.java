package org.payerexchange.intake;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.Enumeration;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** What the properties of a JMS message say about it, whatever their case. */
final class MessageProperties {
  private static final String[] CHARSET = {"charset", "CamelCharsetName"};
  private static final String[] TYPE = {
    "contentType", "Content_HYPHEN_Type", "Content_Type", "Content-Type", "JMS_AMQP_ContentType"
  };
  private static final String[] ENCODING = {
    "contentEncoding",
    "Content_HYPHEN_Encoding",
    "Content_Encoding",
    "Content-Encoding",
    "JMS_AMQP_ContentEncoding"
  };

  private final String id;
  private final Map<String, String> values = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  MessageProperties(Message message) throws JMSException {
    this.id = Objects.requireNonNullElse(message.getJMSMessageID(), "without an id");
    Enumeration<?> names = message.getPropertyNames();
    while (names.hasMoreElements()) {
      String name = names.nextElement().toString();
      Object value = message.getObjectProperty(name);
      values.put(name, value == null ? null : value.toString());
    }
  }

  /** The message's id, and the payer and the request id that it names. */
  IntakeSource source() {
    return IntakeSource.of("jms:" + id, values.get("payer"), values.get("requestId"));
  }

  /**
   * The name of the body's charset, or null.
   *
   * @throws IntakeRefusal if the content type names one that is not known here
   */
  String charset() {
    String named = first(CHARSET);
    return named == null ? DeclaredBody.charsetOf(first(TYPE)) : named;
  }

  /** How the body is packed, or null. */
  String encoding() {
    return first(ENCODING);
  }

  private String first(String... names) {
    for (String name : names) {
      if (values.get(name) != null) {
        return values.get(name);
      }
    }
    return null;
  }
}
