package org.payerexchange.intake;

import jakarta.jms.ConnectionFactory;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.springframework.jms.connection.CachingConnectionFactory;

/**
 * The connection to the broker: made when it is first needed, kept, and made again if it breaks.
 */
public final class JmsConnections {
  private JmsConnections() {}

  /**
   * Connections to an Artemis broker.
   *
   * @param url {@code p2p.jms.url}; blank where JMS is off, and then nothing may be sent
   */
  public static ConnectionFactory to(String url, String user, String password) {
    CachingConnectionFactory connections = new CachingConnectionFactory();
    // Consumers keep themselves; kept twice they hold back messages from other nodes.
    connections.setCacheConsumers(false);
    connections.setReconnectOnException(true);
    if (!url.isBlank()) {
      connections.setTargetConnectionFactory(new ActiveMQConnectionFactory(url, user, password));
    }
    return connections;
  }
}
