package org.payerexchange.intake;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.core.remoting.impl.netty.TransportConstants;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jms.connection.CachingConnectionFactory;

/**
 * The connection to the Artemis broker of {@code p2p.jms.url}: made when it is first needed, kept,
 * and made again if it breaks. Its threads are its own and end with it. Every message that it
 * receives is a BytesMessage: see {@link UnreadBodies}.
 *
 * <p>Its keys are read here rather than named in the YAML, since Camel builds a bean's parameters
 * into one text, which a password's quotes and commas would break.
 */
public final class JmsConnections extends CachingConnectionFactory {
  private static final int CONNECT_MILLIS = 1000;

  private static final Logger LOG = LoggerFactory.getLogger(JmsConnections.class);

  private final CamelContext context;
  private final AtomicBoolean away = new AtomicBoolean();

  /** Connects to no broker where {@code p2p.jms.url} is empty: nothing may be sent then. */
  public JmsConnections(CamelContext context) {
    this.context = context;
    // The container keeps its consumers; kept here too, they would hold messages back.
    setCacheConsumers(false);
    setReconnectOnException(true);
    String url = value("p2p.jms.url");
    if (!url.isBlank()) {
      setTargetConnectionFactory(broker(url));
    }
  }

  private ActiveMQConnectionFactory broker(String url) {
    ActiveMQConnectionFactory broker;
    try {
      broker = new ActiveMQConnectionFactory(url, value("p2p.jms.user"), value("p2p.jms.password"));
    } catch (RuntimeException noUrl) {
      // its words are not passed on, they may hold the password of a parameter
      throw new IllegalArgumentException("p2p.jms.url must be like tcp://broker:61616");
    }
    broker.getServerLocator().setUseGlobalPools(false);
    broker.getServerLocator().addIncomingInterceptor(new UnreadBodies());
    for (TransportConfiguration transport :
        broker.getServerLocator().getStaticTransportConfigurations()) {
      transport.getParams().put(TransportConstants.USE_GLOBAL_WORKER_POOL_PROP_NAME, false);
    }
    return broker;
  }

  /** Whether there is a broker at all. */
  boolean configured() {
    return getTargetConnectionFactory() != null;
  }

  /** Whether the broker takes connections now; it is not waited for. */
  boolean reachable() {
    return getTargetConnectionFactory() instanceof ActiveMQConnectionFactory broker
        && Arrays.stream(broker.getServerLocator().getStaticTransportConfigurations())
            .map(TransportConfiguration::getCombinedParams)
            .anyMatch(
                params ->
                    listens(
                        String.valueOf(params.get(TransportConstants.HOST_PROP_NAME)),
                        String.valueOf(params.get(TransportConstants.PORT_PROP_NAME))));
  }

  /** How it stands, in a word. A node without it sends later what is for a queue. */
  public String words() {
    if (!configured()) {
      return "off";
    }
    return reachable() ? "reachable" : "away";
  }

  private static boolean listens(String host, String port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, Integer.parseInt(port)), CONNECT_MILLIS);
      return true;
    } catch (IOException | IllegalArgumentException away) {
      return false;
    }
  }

  /** The log says once that the broker is away, and once that it is back. */
  @Override
  protected Connection doCreateConnection() throws JMSException {
    try {
      Connection connection = super.doCreateConnection();
      if (away.getAndSet(false)) {
        LOG.info("the broker is back");
      }
      return connection;
    } catch (JMSException | RuntimeException failure) {
      if (!away.getAndSet(true)) {
        LOG.warn(
            "the broker of p2p.jms.url cannot be used: {}; it is tried again",
            failure.getClass().getSimpleName());
      }
      throw failure;
    }
  }

  @Override
  public void destroy() {
    super.destroy();
    if (getTargetConnectionFactory() instanceof ActiveMQConnectionFactory broker) {
      broker.close();
    }
  }

  private String value(String key) {
    return context.getPropertiesComponent().resolveProperty(key).orElse("");
  }
}
