package org.payerexchange.sandbox;

import java.util.Map;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptor;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptorFactory;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;

/**
 * An Artemis broker inside this process: loopback only, no security, nothing on disk. For demos and
 * tests.
 */
public final class Broker implements AutoCloseable {
  private static final String ACCEPTOR = "loopback";
  private static final String HOST = "127.0.0.1";

  private final EmbeddedActiveMQ server = new EmbeddedActiveMQ();

  private Broker() {}

  /**
   * Starts a broker.
   *
   * @param port where it listens; 0 takes a free port
   * @throws IllegalStateException where it does not start, for one because the port is taken
   */
  public static Broker start(int port) {
    Broker broker = new Broker();
    try {
      // the broker itself would log a stack trace
      Ports.requireFree(HOST, port);
      broker.server.setConfiguration(configuration(port));
      broker.server.start();
      if (broker.port() <= 0) {
        throw new IllegalStateException("port " + port + " cannot be had");
      }
    } catch (Exception e) {
      broker.close();
      throw new IllegalStateException("The broker does not start: " + e.getMessage(), e);
    }
    return broker;
  }

  private static ConfigurationImpl configuration(int port) {
    ConfigurationImpl configuration = new ConfigurationImpl();
    configuration.setPersistenceEnabled(false);
    configuration.setSecurityEnabled(false);
    configuration.setJMXManagementEnabled(false);
    // Nothing is journaled, but the default would probe for a native library and complain.
    configuration.setJournalType(JournalType.NIO);
    configuration.addAcceptorConfiguration(
        new TransportConfiguration(
            NettyAcceptorFactory.class.getName(), Map.of("host", HOST, "port", port), ACCEPTOR));
    configuration.addAddressSetting(
        "#",
        new AddressSettings()
            .setAutoCreateQueues(true)
            .setAutoCreateAddresses(true)
            .setAutoDeleteQueues(false)
            .setAutoDeleteAddresses(false)
            // The default writes what does not fit into memory to a folder.
            .setAddressFullMessagePolicy(AddressFullMessagePolicy.BLOCK)
            .setDeadLetterAddress(SimpleString.of("DLQ"))
            .setExpiryAddress(SimpleString.of("ExpiryQueue")));
    return configuration;
  }

  /** Where it listens. */
  public int port() {
    NettyAcceptor acceptor =
        (NettyAcceptor) server.getActiveMQServer().getRemotingService().getAcceptor(ACCEPTOR);
    return acceptor.getActualPort();
  }

  /** What a client connects to: {@code tcp://127.0.0.1:<port>}. */
  public String url() {
    return "tcp://127.0.0.1:" + port();
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("The broker does not stop", e);
    }
  }
}
