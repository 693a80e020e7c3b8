package org.payerexchange.intake;

import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.camel.CamelContext;
import org.springframework.jms.connection.CachingConnectionFactory;

/**
 * The connection to the broker: made when it is first needed, kept, and made again if it breaks.
 *
 * <p>Its keys are read here rather than named in the YAML, since Camel builds a bean's parameters
 * into one text, which a password's quotes and commas would break.
 */
public final class JmsConnections {
  private JmsConnections() {}

  /** Connections to the Artemis broker of {@code p2p.jms.url}; none where that is empty. */
  public static CachingConnectionFactory to(CamelContext context) {
    CachingConnectionFactory connections = new CachingConnectionFactory();
    // The container keeps its consumers; kept here too, they would hold messages back.
    connections.setCacheConsumers(false);
    connections.setReconnectOnException(true);
    String url = value(context, "p2p.jms.url");
    if (!url.isBlank()) {
      connections.setTargetConnectionFactory(
          new ActiveMQConnectionFactory(
              url, value(context, "p2p.jms.user"), value(context, "p2p.jms.password")));
    }
    return connections;
  }

  private static String value(CamelContext context, String key) {
    return context.resolvePropertyPlaceholders("{{" + key + ":}}");
  }
}
