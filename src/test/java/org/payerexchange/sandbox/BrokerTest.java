package org.payerexchange.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.JMSContext;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.junit.jupiter.api.Test;

class BrokerTest {
  @Test
  void aMessageWaitsForItsReceiver() {
    try (Broker broker = Broker.start(0);
        ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(broker.url())) {
      try (JMSContext sender = factory.createContext()) {
        sender.createProducer().send(sender.createQueue("p2p.intake"), "a record");
      }
      try (JMSContext receiver = factory.createContext()) {
        assertThat(
                receiver
                    .createConsumer(receiver.createQueue("p2p.intake"))
                    .receiveBody(String.class, 5_000))
            .isEqualTo("a record");
      }
    }
  }

  @Test
  void aTakenPortIsSaid() {
    try (Broker broker = Broker.start(0)) {
      String port = Integer.toString(broker.port());
      assertThatThrownBy(() -> Broker.start(broker.port()))
          .isInstanceOf(IllegalStateException.class)
          .rootCause()
          .hasMessageContaining(port);
      assertThatThrownBy(() -> Sandbox.start(SandboxOptions.builder().port(broker.port()).build()))
          .isInstanceOf(IllegalStateException.class)
          .rootCause()
          .hasMessageContaining(port);
    }
  }
}
