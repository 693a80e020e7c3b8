package org.payerexchange.routes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.camel.support.service.ServiceSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.support.EmbeddedBroker;
import org.payerexchange.support.TestBundle;

class IntakeJmsRouteTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir Path folder;
  private EmbeddedBroker broker;
  private TestBundle bundle;

  @BeforeEach
  void start() throws Exception {
    broker = EmbeddedBroker.start();
    bundle =
        TestBundle.in(folder)
            .payer("bison", "http://127.0.0.1:1")
            .jms(broker)
            .routes(IntakeOnly.routesIn(folder))
            .start();
  }

  @AfterEach
  void stop() throws Exception {
    bundle.close();
    broker.close();
  }

  @Test
  void textAndBytesMessagesBecomeTransfersAndAreAcknowledged() {
    send(context -> context.createTextMessage(flat("m-1") + "\n" + flat("m-2")));
    send(
        context -> {
          var message = context.createBytesMessage();
          message.writeBytes(flat("m-3").getBytes(UTF_8));
          return message;
        });
    await().atMost(PATIENCE).until(() -> transfers("RECEIVED") == 3);
    await().atMost(PATIENCE).until(() -> broker.depth("p2p.intake") == 0);
    assertThat(broker.depth("p2p.rejected")).isZero();
  }

  /** As AMQP allows. */
  @Test
  void aMessageWithoutAnIdThatTheBrokerDeliversAgainIsTakenIn() throws Exception {
    bundle.context().getRouteController().stopRoute("receive-messages");
    try (ActiveMQConnectionFactory connections = broker.connectionFactory();
        JMSContext context = connections.createContext(JMSContext.SESSION_TRANSACTED)) {
      context
          .createProducer()
          .setDisableMessageID(true)
          .send(context.createQueue("p2p.intake"), flat("m-1") + "\n" + flat("m-2"));
      context.commit();
      Message message =
          context.createConsumer(context.createQueue("p2p.intake")).receive(PATIENCE.toMillis());
      assertThat(message.getJMSMessageID()).isNull();
      context.rollback();
    }
    bundle.context().getRouteController().startRoute("receive-messages");

    await().atMost(PATIENCE).until(() -> transfers("RECEIVED") == 2);
    await().atMost(PATIENCE).until(() -> broker.depth("p2p.intake") == 0);
  }

  @Test
  void aMessageMayNamePayerAndRequestIdInItsProperties() {
    for (int i = 0; i < 2; i++) {
      send(
          context -> {
            Message message =
                context.createTextMessage(flat("m-1").replace("\"payer\":\"bison\",", ""));
            message.setStringProperty("payer", "bison");
            message.setStringProperty("requestId", "r-1");
            return message;
          });
    }
    await().atMost(PATIENCE).until(() -> broker.depth("p2p.intake") == 0);
    assertThat(bundle.jdbc().sql("SELECT payer, request_id FROM transfer").query().listOfRows())
        .containsExactly(Map.of("payer", "bison", "request_id", "r-1"));
  }

  @Test
  void aBadRecordGoesToTheRejectedQueueAndTheOthersGoOn() throws Exception {
    String bad = flat("m-2").replace("Marlowe", "");
    send(context -> context.createTextMessage(flat("m-1") + "\n" + bad + "\n" + flat("m-3")));
    Message rejected = receiveRejected();
    assertThat(rejected.getBody(String.class)).isEqualTo(bad);
    assertThat(rejected.getStringProperty("p2pReason")).isEqualTo("MISSING");
    assertThat(rejected.getLongProperty("p2pRecord")).isEqualTo(2);
    assertThat(rejected.getStringProperty("p2pSource")).startsWith("jms:ID:");
    assertThat(rejected.getStringProperty("p2pOutcome"))
        .contains("OperationOutcome", "family is missing")
        .doesNotContain("m-2", "Ada");
    await().atMost(PATIENCE).until(() -> broker.depth("p2p.intake") == 0);
    assertThat(transfers("RECEIVED")).isEqualTo(2);
    assertThat(transfers("REJECTED")).isOne();
  }

  @Test
  void aMessageThatHoldsNoRecordAtAllGoesToTheRejectedQueueOnce() throws Exception {
    send(
        context -> {
          var message = context.createMapMessage();
          message.setString("memberId", "m-1");
          return message;
        });
    assertThat(receiveRejected().getStringProperty("p2pReason")).isEqualTo("UNREADABLE");
    send(context -> context.createTextMessage("good morning"));
    assertThat(receiveRejected().getBody(String.class)).isEqualTo("good morning");
    send(context -> context.createTextMessage(""));
    assertThat(receiveRejected().getStringProperty("p2pReason")).isEqualTo("UNREADABLE");
    send(context -> context.createMessage());
    assertThat(receiveRejected().getStringProperty("p2pReason")).isEqualTo("UNREADABLE");
    await().atMost(PATIENCE).until(() -> broker.depth("p2p.intake") == 0);
    assertThat(broker.depth("p2p.rejected")).isZero();
    assertThat(transfers("REJECTED")).isEqualTo(4);
  }

  @Test
  void whileTheLedgerIsAwayAMessageWaitsHoweverLong() {
    bundle.jdbc().sql("ALTER TABLE transfer RENAME TO transfer_away").update();
    send(context -> context.createTextMessage(flat("m-1")));
    await()
        .during(Duration.ofSeconds(3))
        .atMost(PATIENCE)
        .until(() -> broker.depth("p2p.intake") == 1 && broker.depth("p2p.rejected") == 0);
    assertThat(
            ((ServiceSupport) bundle.context().getRoute("receive-messages").getConsumer())
                .isSuspended())
        .isTrue();
    bundle.jdbc().sql("ALTER TABLE transfer_away RENAME TO transfer").update();
    await().atMost(PATIENCE).until(() -> transfers("RECEIVED") == 1);
    await().atMost(PATIENCE).until(() -> broker.depth("p2p.intake") == 0);
  }

  @Test
  void aMessageThatIsRefusedWaitsForTheLedgerToo() {
    bundle.jdbc().sql("ALTER TABLE transfer RENAME TO transfer_away").update();
    send(context -> context.createObjectMessage("an object"));
    await()
        .during(Duration.ofSeconds(3))
        .atMost(PATIENCE)
        .until(() -> broker.depth("p2p.intake") == 1 && broker.depth("DLQ") == 0);
    bundle.jdbc().sql("ALTER TABLE transfer_away RENAME TO transfer").update();
    await().atMost(PATIENCE).until(() -> broker.depth("p2p.rejected") == 1);
    await().atMost(PATIENCE).until(() -> broker.depth("p2p.intake") == 0);
    assertThat(transfers("REJECTED")).isOne();
  }

  @Test
  void aMessageThatWaitsWhenTheBundleStopsIsTakenInByTheNext() throws Exception {
    bundle.jdbc().sql("ALTER TABLE transfer RENAME TO transfer_away").update();
    send(context -> context.createTextMessage(flat("m-1")));
    await().during(Duration.ofSeconds(1)).until(() -> broker.depth("p2p.intake") == 1);
    bundle.stop();
    assertThat(broker.depth("p2p.rejected")).isZero();
    assertThat(broker.depth("p2p.intake")).isOne();
    bringTheLedgerBack();
    bundle.start();
    await().atMost(PATIENCE).until(() -> transfers("RECEIVED") == 1);
  }

  @Test
  void aBrokerThatIsAwayAtTheStartIsFoundWhenItComes() throws Exception {
    bundle.stop();
    int port = broker.port();
    broker.close();
    bundle.start();
    broker = EmbeddedBroker.start(port);
    send(context -> context.createTextMessage(flat("m-1")));
    await().atMost(PATIENCE).until(() -> transfers("RECEIVED") == 1);
  }

  @Test
  void aBrokerThatComesBackIsFoundAgain() throws Exception {
    int port = broker.port();
    broker.close();
    broker = EmbeddedBroker.start(port);
    send(context -> context.createTextMessage(flat("m-1")));
    await().atMost(PATIENCE).until(() -> transfers("RECEIVED") == 1);
    send(context -> context.createTextMessage("bad"));
    assertThat(receiveRejected().getBody(String.class)).isEqualTo("bad");
  }

  private void bringTheLedgerBack() throws SQLException {
    String url =
        "jdbc:h2:file:%s;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE"
            .formatted(folder.resolve("data/ledger"));
    try (Connection connection = DriverManager.getConnection(url, "payerexchange", "");
        Statement statement = connection.createStatement()) {
      statement.execute("ALTER TABLE transfer_away RENAME TO transfer");
    }
  }

  private void send(MessageMaker maker) {
    try (ActiveMQConnectionFactory connections = broker.connectionFactory();
        JMSContext context = connections.createContext()) {
      context.createProducer().send(context.createQueue("p2p.intake"), maker.make(context));
    } catch (JMSException e) {
      throw new AssertionError(e);
    }
  }

  private Message receiveRejected() {
    try (ActiveMQConnectionFactory connections = broker.connectionFactory();
        JMSContext context = connections.createContext()) {
      Message message =
          context.createConsumer(context.createQueue("p2p.rejected")).receive(PATIENCE.toMillis());
      assertThat(message).isNotNull();
      return message;
    }
  }

  private int transfers(String state) {
    List<Integer> counts =
        bundle
            .jdbc()
            .sql("SELECT COUNT(*) FROM transfer WHERE state = ?")
            .param(state)
            .query(Integer.class)
            .list();
    return counts.get(0);
  }

  private interface MessageMaker {
    Message make(JMSContext context) throws JMSException;
  }

  private static String flat(String member) {
    return """
    {"payer":"bison","memberId":"%s","given":"Ada","family":"Marlowe","birthDate":"1980-04-05",\
    "coverageId":"cov-1","consentId":"consent-1","consentPolicy":"regular",\
    "consentStart":"2020-01-01","consentEnd":"2099-12-31"}"""
        .formatted(member);
  }
}
