package org.payerexchange.support;

import java.util.HashMap;
import java.util.Map;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptor;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptorFactory;
import org.apache.activemq.artemis.core.remoting.impl.netty.TransportConstants;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

/** A real Artemis broker in this JVM, on a free loopback port, that keeps nothing on disk. */
public final class EmbeddedBroker implements AutoCloseable {
  private final EmbeddedActiveMQ broker = new EmbeddedActiveMQ();
  private final int port;

  private EmbeddedBroker(int port, Map<String, Object> tls) throws Exception {
    Map<String, Object> acceptor = new HashMap<>(tls);
    acceptor.put(TransportConstants.HOST_PROP_NAME, "127.0.0.1");
    acceptor.put(TransportConstants.PORT_PROP_NAME, port);
    broker.setConfiguration(
        new ConfigurationImpl()
            .setPersistenceEnabled(false)
            .setSecurityEnabled(false)
            .setJMXManagementEnabled(false)
            .addAcceptorConfiguration(
                new TransportConfiguration(NettyAcceptorFactory.class.getName(), acceptor, "tcp")));
    broker.start();
    NettyAcceptor started =
        (NettyAcceptor) broker.getActiveMQServer().getRemotingService().getAcceptor("tcp");
    this.port = port == 0 ? started.getActualPort() : port;
  }

  /** Starts on a free port. */
  public static EmbeddedBroker start() throws Exception {
    return start(FreePort.find());
  }

  /** Starts on this port, to come back where an earlier broker was. */
  public static EmbeddedBroker start(int port) throws Exception {
    return new EmbeddedBroker(port, Map.of());
  }

  /** Starts one that speaks TLS alone, on a free port. */
  public static EmbeddedBroker start(TestCertificate own) throws Exception {
    return new EmbeddedBroker(
        0,
        Map.of(
            TransportConstants.SSL_ENABLED_PROP_NAME,
            true,
            TransportConstants.KEYSTORE_PATH_PROP_NAME,
            own.keyStore().toString(),
            TransportConstants.KEYSTORE_PASSWORD_PROP_NAME,
            TestCertificate.PASSWORD));
  }

  /** From now on whoever sends more to a queue than a message waits until that is taken away. */
  public void blocks(String queue) {
    broker
        .getActiveMQServer()
        .getAddressSettingsRepository()
        .addMatch(
            queue,
            new AddressSettings()
                .setMaxSizeBytes(1)
                .setAddressFullMessagePolicy(AddressFullMessagePolicy.BLOCK));
  }

  /** What {@code p2p.jms.url} takes. */
  public String url() {
    return "tcp://127.0.0.1:" + port;
  }

  /** The port it listens on. */
  public int port() {
    return port;
  }

  /** A factory for the test's own client, to be closed by the caller. */
  public ActiveMQConnectionFactory connectionFactory() {
    return new ActiveMQConnectionFactory(url());
  }

  /** Messages that lie in the queue, or 0 if there is no such queue. */
  public long depth(String queue) {
    var found = broker.getActiveMQServer().locateQueue(queue);
    return found == null ? 0 : found.getMessageCount();
  }

  @Override
  public void close() throws Exception {
    broker.stop();
  }
}
