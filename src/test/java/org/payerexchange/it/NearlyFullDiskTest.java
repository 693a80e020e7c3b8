package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.JMSContext;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.camel.StatefulService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.intake.LedgerGate;
import org.payerexchange.sandbox.Members;
import org.payerexchange.support.EmbeddedBroker;
import org.payerexchange.support.TestBundle;

/** What senders meet while a disk is nearly full. */
class NearlyFullDiskTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir Path folder;

  @Test
  @EnabledOnOs(OS.LINUX)
  void requestsAreToldToWaitAndMessagesStayInTheirQueueUntilThereIsRoom() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start();
        TestBundle bundle =
            TestBundle.in(folder).payer("bison", "http://127.0.0.1:1").jms(broker).ops().start()) {
      Pipeline pipeline = new Pipeline(bundle);
      Path done = bundle.inbox().resolve(".done");
      await().atMost(PATIENCE).until(() -> Files.isDirectory(done));
      Path aside = Files.move(done, bundle.inbox().resolveSibling("done-aside"));
      // a file system of no size at all
      Files.createSymbolicLink(done, Path.of("/proc"));
      await().atMost(PATIENCE).until(bundle.bean("ledgerGate", LedgerGate.class)::isClosed);
      StatefulService messages =
          (StatefulService) bundle.context().getRoute("receive-messages").getConsumer();
      await().atMost(PATIENCE).until(() -> messages.isSuspended() || messages.isStopped());
      HttpResponse<String> refused = post(bundle, "refused");
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValue("Retry-After")).contains("30");
      assertThat(refused.body()).contains("intake is suspended, readiness says why");
      send(broker, "waits");
      await()
          .during(Duration.ofSeconds(2))
          .atMost(PATIENCE)
          .until(() -> broker.depth("p2p.intake") == 1 && pipeline.count("RECEIVED") == 0);

      Files.delete(done);
      Files.move(aside, done);

      pipeline.id("waits");
      await().atMost(PATIENCE).until(() -> broker.depth("p2p.intake") == 0);
      assertThat(post(bundle, "accepted").statusCode()).isEqualTo(202);
      assertThat(pipeline.count("RECEIVED")).isEqualTo(2);
    }
  }

  private static HttpResponse<String> post(TestBundle bundle, String request) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(bundle.opsUrl().resolve("/api/transfers"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(record(request)))
                .build(),
            BodyHandlers.ofString());
  }

  private static void send(EmbeddedBroker broker, String request) {
    try (ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(broker.url());
        JMSContext context = factory.createContext()) {
      context.createProducer().send(context.createQueue("p2p.intake"), record(request));
    }
  }

  private static String record(String request) {
    return Pipeline.record(request, Members.load("bison", 1));
  }
}
