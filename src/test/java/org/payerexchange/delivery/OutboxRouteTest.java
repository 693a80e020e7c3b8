package org.payerexchange.delivery;

import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.payerexchange.delivery.TwoFiles.FIRST;
import static org.payerexchange.delivery.TwoFiles.SECOND;
import static org.payerexchange.delivery.TwoFiles.names;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.Message;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.camel.util.FileUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.store.OperatorLedger;
import org.payerexchange.support.EmbeddedBroker;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.ReadyExports;
import org.payerexchange.support.TestBundle;

/** A transfer's folder in the outbox is ours until its manifest stands. */
class OutboxRouteTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @RegisterExtension final Gateway gateway = new Gateway();
  @TempDir Path folder;
  private TestBundle bundle;
  private TwoFiles two;

  @BeforeEach
  void prepare() throws Exception {
    TwoFiles.serve(gateway);
    bundle = ReadyExports.bundle(folder, gateway).set("p2p.shutdown.timeout", "1s").start();
    two = new TwoFiles(bundle, gateway);
  }

  @AfterEach
  void close() {
    bundle.close();
  }

  @Test
  void aFolderThatIsTakenAwayBeforeItsManifestIsFilledAgain() throws Exception {
    String id = storedWithoutManifest();

    FileUtil.removeDir(two.folderOf(id).toFile());
    goOn();

    bundle.awaitEnd(id, "COMPLETE");
    assertWhole(id);
    gateway.server().verify(2, getRequestedFor(urlEqualTo("/v1/bison/1")));
    gateway.server().verify(2, getRequestedFor(urlEqualTo("/v1/bison/2")));
    assertThat(events(id)).containsOnlyOnce("COMPLETE", "OUTCOME_SENT").contains("FILE_PENDING");
    assertThat(release(id)).as("behind the manifest").containsExactly("RELEASE");
  }

  @Test
  void aFileThatIsChangedBeforeTheManifestIsFetchedAgainAndNoOther() throws Exception {
    String id = storedWithoutManifest();
    Path changed = two.folderOf(id).resolve("Patient-1.ndjson");
    FileTime time = Files.getLastModifiedTime(changed);
    Files.writeString(changed, FIRST.replace("p1", "p2"));
    Files.setLastModifiedTime(changed, time);

    goOn();

    bundle.awaitEnd(id, "COMPLETE");
    assertWhole(id);
    gateway.server().verify(2, getRequestedFor(urlEqualTo("/v1/bison/1")));
    gateway.server().verify(1, getRequestedFor(urlEqualTo("/v1/bison/2")));
  }

  @Test
  void aFileWithAnotherStampAndTheSameContentIsAsItWas() throws Exception {
    String id = storedWithoutManifest();
    Path restored = two.folderOf(id).resolve("Patient-1.ndjson");
    Files.delete(restored);
    Files.writeString(restored, FIRST);

    goOn();

    bundle.awaitEnd(id, "COMPLETE");
    gateway.server().verify(1, getRequestedFor(urlEqualTo("/v1/bison/1")));
  }

  @Test
  void whatWasTakenAwayAndThePayerHasNoMoreIsNeverComplete() throws Exception {
    String id = storedWithoutManifest();
    Files.delete(two.folderOf(id).resolve("Coverage-2.ndjson"));
    gateway.stub(get(urlEqualTo("/v1/bison/2")).willReturn(status(404)));

    goOn();

    await()
        .atMost(PATIENCE)
        .until(() -> events(id).contains("MANIFEST_NEEDED") && two.state(id).equals("MATCHED"));
    assertThat(events(id)).doesNotContain("COMPLETE");
    assertThat(two.folderOf(id).resolve("manifest.json")).doesNotExist();
  }

  @Test
  void whatLiesUnderAFilesNameIsNotTrustedAndReplaced() throws Exception {
    bundle.context().getRouteController().stopRoute("download-file");
    String id = two.transfer();
    Files.createDirectories(two.folderOf(id));
    Files.writeString(two.folderOf(id).resolve("Patient-1.ndjson"), "half of");
    Path half = Files.createDirectories(bundle.incoming(id));
    Files.writeString(half.resolve(".Coverage-2.ndjson.0.part"), "half of");

    bundle.context().getRouteController().startRoute("download-file");

    bundle.awaitEnd(id, "COMPLETE");
    assertWhole(id);
  }

  @Test
  void whatACancelledTransferHasStaysAndWhatItHasNotGoes() throws Exception {
    bundle.context().getRouteController().stopRoute("send-outcome");
    gateway.stub(get(urlEqualTo("/v1/bison/2")).willReturn(status(503)));
    String id = two.transfer();
    await().atMost(PATIENCE).until(() -> events(id).contains("RETRY_LATER"));
    await().atMost(PATIENCE).until(() -> fileStates(id).contains("STORED"));
    Files.writeString(
        two.folderOf(id).resolve("Coverage-2.ndjson"), "of a process that was killed");

    bundle.bean("operatorLedger", OperatorLedger.class).cancel(id, "alice");
    goOn();

    bundle.awaitEnd(id, "CANCELLED");
    assertThat(names(two.folderOf(id)))
        .containsExactlyInAnyOrder("Patient-1.ndjson", "manifest.json");
    assertThat(bundle.incoming(id)).doesNotExist();
  }

  @Test
  void aFileThatAFailedTransferLostIsNoneOfItsManifest() throws Exception {
    gateway.stub(get(urlEqualTo("/v1/bison/2")).willReturn(ok("no JSON\n")));
    bundle.context().getRouteController().stopRoute("send-outcome");
    String id = two.transfer();
    await().atMost(PATIENCE).until(() -> two.state(id).equals("FAILED"));
    Files.delete(two.folderOf(id).resolve("Patient-1.ndjson"));

    goOn();

    bundle.awaitEnd(id, "FAILED");
    JsonNode manifest = two.manifest(id);
    assertThat(manifest.at("/files/0/status").asText()).isEqualTo("FAILED");
    assertThat(manifest.at("/files/0/reason").asText()).isEqualTo("FILE_GONE");
    assertThat(manifest.at("/files/1/reason").asText()).isEqualTo("FILE_INVALID");
  }

  @Test
  void theQueueIsToldTheSameAsTheManifestHoweverLate() throws Exception {
    gateway.stub(get(urlEqualTo("/v1/bison/2")).willReturn(ok("no JSON\n")));
    EmbeddedBroker broker = EmbeddedBroker.start();
    int port = broker.port();
    bundle.stop();
    bundle.jms(broker).start();
    bundle.context().getRouteController().stopRoute("send-outcome");
    String id = two.transfer();
    await().atMost(PATIENCE).until(() -> two.state(id).equals("FAILED"));
    Files.delete(two.folderOf(id).resolve("Patient-1.ndjson"));
    broker.close();
    goOn();
    await().atMost(PATIENCE).until(() -> events(id).contains("RETRY_LATER"));
    Files.writeString(two.folderOf(id).resolve("Patient-1.ndjson"), FIRST);

    try (EmbeddedBroker again = EmbeddedBroker.start(port);
        var factory = again.connectionFactory();
        JMSContext client = factory.createContext()) {
      bundle.awaitEnd(id, "FAILED");
      String message =
          client
              .createConsumer(client.createQueue("p2p.outcome"))
              .receiveBody(String.class, PATIENCE.toMillis());

      JsonNode manifest = two.manifest(id);
      assertThat(manifest.at("/files/0/reason").asText()).isEqualTo("FILE_GONE");
      assertThat(new ObjectMapper().readTree(message)).isEqualTo(manifest);
    }
  }

  @Test
  void aBrokerThatTakesNothingKeepsBackNoManifest() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start();
        var factory = broker.connectionFactory();
        JMSContext client = factory.createContext()) {
      broker.blocks("p2p.outcome");
      bundle.stop();
      bundle.jms(broker).set("p2p.jms.url", broker.url() + "?producerWindowSize=1").start();
      List<String> all = new ArrayList<>();
      for (int i = 0; i < 2 * Outcomes.SENT_AT_ONCE; i++) {
        all.add(two.transfer());
      }

      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(all)
                      .allMatch(id -> Files.exists(two.folderOf(id).resolve("manifest.json"))));
      assertThat(all)
          .as("while they are still to be told")
          .anyMatch(id -> !events(id).contains("OUTCOME_SENT"));
      await()
          .atMost(PATIENCE)
          .until(() -> all.stream().anyMatch(id -> events(id).contains("RETRY_LATER")));

      JMSConsumer consumer = client.createConsumer(client.createQueue("p2p.outcome"));
      Set<String> told = new HashSet<>();
      while (told.size() < all.size()) {
        Message message = consumer.receive(PATIENCE.toMillis());
        assertThat(message).as("the rest of %s", told).isNotNull();
        told.add(message.getStringProperty("p2pTransferId"));
      }
      assertThat(told).containsExactlyInAnyOrderElementsOf(all);
    }
  }

  @Test
  void whatComesBackToTheOutboxBeforeARetryIsDelivered() throws Exception {
    gateway.stub(post(urlEqualTo("/archive")).willReturn(status(400)));
    bundle.stop();
    bundle
        .set("p2p.deliver.file-uris.1", gateway.url() + "/archive")
        .set("p2p.retry.deadline", "500ms")
        .start();
    bundle.context().getRouteController().stopRoute("send-outcome");
    String id = two.transfer();
    await().atMost(PATIENCE).until(() -> two.state(id).equals("FAILED"));
    Files.delete(two.folderOf(id).resolve("Patient-1.ndjson"));
    goOn();
    bundle.awaitEnd(id, "FAILED");
    assertThat(two.manifest(id).at("/files/0/reason").asText()).isEqualTo("FILE_GONE");

    Files.writeString(two.folderOf(id).resolve("Patient-1.ndjson"), FIRST);
    gateway.stub(post(urlEqualTo("/archive")).willReturn(ok()));
    bundle.bean("operatorLedger", OperatorLedger.class).retry(id, "alice");

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(two.manifest(id).findValuesAsText("status"))
        .containsExactly("COMPLETE", "DELIVERED", "DELIVERED");
    gateway.server().verify(1, getRequestedFor(urlEqualTo("/v1/bison/1")));
  }

  /** A transfer whose two files are stored, while nobody writes manifests. */
  private String storedWithoutManifest() throws Exception {
    bundle.context().getRouteController().stopRoute("send-outcome");
    String id = two.transfer();
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                bundle
                    .column("SELECT kind FROM step WHERE transfer_id = ?", id)
                    .equals(List.of("OUTCOME")));
    assertThat(two.state(id)).isEqualTo("MATCHED");
    assertThat(release(id)).as("not due").isEmpty();
    return id;
  }

  private void goOn() throws Exception {
    bundle.context().getRouteController().startRoute("send-outcome");
  }

  private void assertWhole(String id) throws Exception {
    assertThat(names(two.folderOf(id)))
        .containsExactlyInAnyOrder("Patient-1.ndjson", "Coverage-2.ndjson", "manifest.json");
    assertThat(two.folderOf(id).resolve("Patient-1.ndjson")).hasContent(FIRST);
    assertThat(two.folderOf(id).resolve("Coverage-2.ndjson")).hasContent(SECOND);
    assertThat(bundle.incoming(id)).doesNotExist();
  }

  private List<String> events(String id) {
    return bundle.column(
        "SELECT what FROM transfer_event WHERE transfer_id = ? ORDER BY number", id);
  }

  private List<String> fileStates(String id) {
    return bundle.column("SELECT state FROM output_file WHERE transfer_id = ?", id);
  }

  private List<String> release(String id) {
    return bundle.column("SELECT kind FROM step WHERE transfer_id = ? AND kind = 'RELEASE'", id);
  }
}
