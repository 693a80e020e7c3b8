package org.payerexchange.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.read.ListAppender;
import jakarta.jms.JMSContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.support.EmbeddedBroker;
import org.payerexchange.support.TestBundle;
import org.slf4j.LoggerFactory;

/** What an exception quotes is in no line of the log, whoever of the libraries logs it. */
class QuotedExceptionsTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String SECRET = "Quotedperson";

  @TempDir Path folder;

  /** Takes the place of a step, and fails with words that quote what it was given. */
  public static final class Tattler {
    /** Fails where there is anything. */
    public Object check(Object records) {
      if (records != null) {
        throw new IllegalStateException("cannot make sense of " + SECRET);
      }
      return null;
    }
  }

  @Test
  void noLoggerRepeatsWhatAnExceptionQuotes() throws Exception {
    Path routes = IntakeOnly.routesIn(folder);
    Path intake = routes.resolve("intake.camel.yaml");
    Files.writeString(
        intake, Files.readString(intake).replace("ref: intakeValidator", "ref: tattler"));
    Files.writeString(
        routes.resolve("tattler.camel.yaml"),
        "- beans:\n    - name: tattler\n      type: " + Tattler.class.getName() + "\n");
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    Level usual = root.getLevel();
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    root.addAppender(log);
    root.setLevel(Level.DEBUG);
    try (EmbeddedBroker broker = EmbeddedBroker.start();
        TestBundle bundle =
            TestBundle.in(folder)
                .payer("bison", "http://127.0.0.1:1")
                .jms(broker)
                .routes(routes)
                .start();
        ActiveMQConnectionFactory connections = broker.connectionFactory();
        JMSContext session = connections.createContext()) {
      session
          .createProducer()
          .send(session.createQueue("p2p.intake"), "{\"a\":\"" + SECRET + "\"}");
      await().atMost(PATIENCE).until(() -> broker.depth("p2p.rejected") == 1);
      Files.writeString(bundle.inbox().resolve("x.json"), "{\"a\":\"" + SECRET + "\"}");
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  List.copyOf(log.list).stream().anyMatch(event -> tellsOf(event, "receive-file")));
    } finally {
      root.detachAppender(log);
      root.setLevel(usual);
    }
    assertThat(List.copyOf(log.list))
        .isNotEmpty()
        .noneMatch(event -> event.getFormattedMessage().contains(SECRET))
        .noneMatch(event -> quotes(event.getThrowableProxy()));
  }

  private static boolean tellsOf(ILoggingEvent event, String route) {
    return event.getLevel().isGreaterOrEqual(Level.WARN)
        && event.getFormattedMessage().contains(route);
  }

  private static boolean quotes(IThrowableProxy thrown) {
    return thrown != null
        && (String.valueOf(thrown.getMessage()).contains(SECRET) || quotes(thrown.getCause()));
  }
}
