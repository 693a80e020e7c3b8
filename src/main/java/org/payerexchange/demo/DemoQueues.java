package org.payerexchange.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSProducer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.payerexchange.http.JsonLimits;

/** The demo as a user of the broker: sends intake messages and receives outcomes. */
final class DemoQueues implements AutoCloseable {
  private final ActiveMQConnectionFactory factory;
  private final JMSContext session;
  private final JMSConsumer outcomes;

  DemoQueues(String brokerUrl) {
    factory = new ActiveMQConnectionFactory(brokerUrl);
    session = factory.createContext();
    outcomes = session.createConsumer(session.createQueue("p2p.outcome"));
  }

  void send(byte[] record, Map<String, String> properties) {
    JMSProducer producer = session.createProducer();
    properties.forEach(producer::setProperty);
    producer.send(session.createQueue("p2p.intake"), new String(record, StandardCharsets.UTF_8));
  }

  /** Waits for an outcome message, but not longer than this. */
  Optional<JsonNode> outcome(Duration longest) throws JsonProcessingException {
    String json = outcomes.receiveBody(String.class, longest.toMillis());
    return json == null ? Optional.empty() : Optional.of(JsonLimits.mapper().readTree(json));
  }

  @Override
  public void close() {
    session.close();
    factory.close();
  }
}
