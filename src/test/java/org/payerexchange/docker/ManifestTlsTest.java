package org.payerexchange.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.support.EmbeddedBroker;
import org.payerexchange.support.TestCertificate;

/** The URLs of the manifests, against a broker and a database that speak TLS. */
class ManifestTlsTest {
  private static final String CA = "/etc/camel/conf.d/_configmaps/payer-exchange-ca/ca.crt";

  @TempDir Path folder;

  @Test
  void theBrokerIsReachedByTlsIfItsCertificateIsTheOneThatIsMounted() throws Exception {
    TestCertificate own = TestCertificate.make(folder, "own");
    TestCertificate other = TestCertificate.make(folder, "other");
    try (EmbeddedBroker broker = EmbeddedBroker.start(own)) {
      String here = "127.0.0.1:" + broker.port();
      connect(setting("p2p.jms.url").replace("artemis:61616", here).replace(CA, own.pem() + ""));

      String wrong =
          setting("p2p.jms.url").replace("artemis:61616", here).replace(CA, other.pem() + "");
      assertThatThrownBy(() -> connect(wrong)).isInstanceOf(JMSException.class);
      assertThatThrownBy(() -> connect("tcp://" + here)).isInstanceOf(JMSException.class);
      String otherName =
          setting("p2p.jms.url")
              .replace("artemis:61616", "localhost:" + broker.port())
              .replace(CA, own.pem() + "");
      assertThatThrownBy(() -> connect(otherName)).isInstanceOf(JMSException.class);
    }
  }

  private static void connect(String url) throws JMSException {
    try (ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(url);
        Connection connection = factory.createConnection()) {
      connection.start();
    }
  }

  @Test
  void theDatabaseIsReachedByTlsIfItsCertificateIsTheOneThatIsMounted() throws Exception {
    TestCertificate own = TestCertificate.make(folder, "own");
    TestCertificate other = TestCertificate.make(folder, "other");
    try (EmbeddedPostgres postgres =
        EmbeddedPostgres.builder()
            .setServerConfig("ssl", "on")
            .setServerConfig("ssl_cert_file", own.pem().toString())
            .setServerConfig("ssl_key_file", own.keyPem().toString())
            .start()) {
      String here = "127.0.0.1:" + postgres.getPort();
      String url =
          setting("p2p.database.url").replace("postgres:5432/payerexchange", here + "/postgres");

      assertThat(isEncrypted(url.replace(CA, own.pem() + ""))).isTrue();
      assertThatThrownBy(() -> isEncrypted(url.replace(CA, other.pem() + "")))
          .isInstanceOf(SQLException.class);
      assertThatThrownBy(
              () -> isEncrypted(url.replace(CA, own.pem() + "").replace("127.0.0.1", "localhost")))
          .isInstanceOf(SQLException.class);
    }
  }

  private static boolean isEncrypted(String url) throws SQLException {
    try (var connection = DriverManager.getConnection(url, "postgres", "");
        var found =
            connection
                .createStatement()
                .executeQuery("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")) {
      return found.next() && found.getBoolean(1);
    }
  }

  private static String setting(String key) throws Exception {
    Properties settings = Kustomization.settings(Path.of("docker", "kubernetes", "base"));
    assertThat(settings.getProperty(key)).contains(CA);
    return settings.getProperty(key);
  }
}
