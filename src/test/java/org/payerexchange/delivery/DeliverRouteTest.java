package org.payerexchange.delivery;

import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.payerexchange.support.ReadyExports.output;

import ch.qos.logback.classic.Level;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.util.FileUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.boot.StepLeases;
import org.payerexchange.download.Download;
import org.payerexchange.download.Downloads;
import org.payerexchange.files.SharedFolders;
import org.payerexchange.ledger.FetchedFile;
import org.payerexchange.ledger.OutcomeClaim;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.ledger.store.Claims;
import org.payerexchange.ledger.store.Leases;
import org.payerexchange.ledger.store.OperatorLedger;
import org.payerexchange.ledger.store.StepLedger;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.KeptLease;
import org.payerexchange.step.TransferException;
import org.payerexchange.support.EmbeddedBroker;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.LogLines;
import org.payerexchange.support.ReadyExports;
import org.payerexchange.support.TestBundle;

class DeliverRouteTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Map<String, Object> OK = Map.of(Exchange.HTTP_RESPONSE_CODE, 200);

  @RegisterExtension final Gateway gateway = new Gateway();
  @TempDir Path folder;

  private EmbeddedBroker broker;
  private TestBundle bundle;

  @BeforeEach
  void prepare() throws Exception {
    broker = EmbeddedBroker.start();
    bundle = ReadyExports.bundle(folder, gateway).jms(broker);
    stub("/1", patients(1, 250));
  }

  @AfterEach
  void close() throws Exception {
    bundle.close();
    broker.close();
  }

  @Test
  void theOutcomeSaysWhatWasDelivered() throws Exception {
    stub("/2", patients(251, 3));
    bundle.start();

    String id =
        ReadyExports.in(bundle).of(output("Patient", url("/1")), output("Patient", url("/2")));

    bundle.awaitEnd(id, "COMPLETE");
    JsonNode manifest = manifest(id);
    assertThat(manifest.path("transfer").asText()).isEqualTo(id);
    assertThat(manifest.path("requestId").asText()).isNotBlank();
    assertThat(manifest.path("payer").asText()).isEqualTo("bison");
    assertThat(manifest.path("status").asText()).isEqualTo("COMPLETE");
    assertThat(manifest.at("/transactionTimes/0").asText()).isEqualTo("2026-11-23T00:00:00.000Z");
    assertThat(manifest.path("failure").isMissingNode()).isTrue();
    JsonNode file = manifest.at("/files/1");
    assertThat(file.path("name").asText()).isEqualTo("Patient-2.ndjson");
    assertThat(file.path("type").asText()).isEqualTo("Patient");
    assertThat(file.path("kind").asText()).isEqualTo("output");
    assertThat(file.path("resources").asInt()).isEqualTo(3);
    assertThat(file.path("bytes").asLong()).isEqualTo(Files.size(outbox(id, "Patient-2.ndjson")));
    assertThat(file.path("sha256").asText()).hasSize(64);
    Received message = receive("p2p.outcome", 1).get(0);
    assertThat(new ObjectMapper().readTree(message.body())).isEqualTo(manifest);
    assertThat(message.message().getStringProperty("p2pTransferId")).isEqualTo(id);
    assertThat(message.message().getStringProperty("p2pDeliveryKey"))
        .startsWith(id + "/manifest.json/");
  }

  @Test
  void theOutcomeSaysWhyATransferFailed() throws Exception {
    bundle.start();
    TransferClaim transfer = ReadyExports.in(bundle).registered();
    bundle
        .bean("stepLedger", StepLedger.class)
        .fail(transfer, FailureReason.NO_GROUP_ID, "no groupId");

    bundle.awaitEnd(transfer.transferId(), "FAILED");
    JsonNode manifest = manifest(transfer.transferId());
    assertThat(manifest.path("status").asText()).isEqualTo("FAILED");
    assertThat(manifest.at("/failure/reason").asText()).isEqualTo("NO_GROUP_ID");
    assertThat(manifest.at("/failure/step").asText()).isEqualTo("MEMBER_MATCH");
    assertThat(manifest.path("files")).isEmpty();
    assertThat(receive("p2p.outcome", 1)).hasSize(1);
    assertThat(permissions(outbox(transfer.transferId(), "manifest.json"))).isEqualTo("rw-------");
  }

  @Test
  void theOutcomeAfterARetryHasAnotherKeyThanTheOneBefore() throws Exception {
    bundle.start();
    StepLedger steps = bundle.bean("stepLedger", StepLedger.class);
    TransferClaim transfer = ReadyExports.in(bundle).registered();
    steps.fail(transfer, FailureReason.TOKEN_REFUSED, "401");
    Received first = receive("p2p.outcome", 1).get(0);
    bundle.bean("operatorLedger", OperatorLedger.class).retry(transfer.transferId(), "alice");

    steps.fail(claims().claimForMatch(1).get(0), FailureReason.TOKEN_REFUSED, "401");

    assertThat(receive("p2p.outcome", 1).get(0).key()).isNotEqualTo(first.key());
  }

  @Test
  void whatIsLeftOfATransferAndCannotBeDeletedSendsItsOutcomeNoSecondTime() throws Exception {
    bundle.start();
    TransferClaim transfer = ReadyExports.in(bundle).registered();
    FileUtil.removeDir(bundle.work().toFile());
    Files.createSymbolicLink(bundle.work(), bundle.work());

    bundle.bean("operatorLedger", OperatorLedger.class).cancel(transfer.transferId(), "alice");
    await().atMost(PATIENCE).until(() -> retries(transfer.transferId()).size() > 1);
    Files.delete(bundle.work());

    bundle.awaitEnd(transfer.transferId(), "CANCELLED");
    assertThat(receive("p2p.outcome", 1)).hasSize(1);
    assertThat(retries(transfer.transferId())).allMatch(line -> line.contains("SINK_UNAVAILABLE"));
  }

  private List<String> retries(String id) {
    return bundle.column(
        "SELECT detail FROM transfer_event WHERE transfer_id = ? AND what = 'RETRY_LATER'", id);
  }

  private Claims claims() {
    return new Claims(bundle.bean("leases", Leases.class));
  }

  @Test
  void aTransferThatIsRetriedBeforeItsOutcomeIsSentHasNone() throws Exception {
    bundle.set("p2p.shutdown.timeout", "1s").start();
    bundle.context().getRouteController().stopRoute("send-outcome");
    TransferClaim transfer = ReadyExports.in(bundle).registered();
    bundle.bean("stepLedger", StepLedger.class).fail(transfer, FailureReason.TOKEN_REFUSED, "401");
    Outcomes outcomes = bundle.bean("outcomes", Outcomes.class);
    OutcomeClaim claim = claims().claimForOutcome(1).get(0);
    bundle.bean("operatorLedger", OperatorLedger.class).retry(transfer.transferId(), "alice");

    KeptLease lease =
        bundle
            .bean("renewals", StepLeases.class)
            .keep(new DefaultExchange(bundle.context()), claim);
    assertThatThrownBy(() -> outcomes.compare(claim, lease))
        .isInstanceOf(TransferException.class)
        .extracting(failure -> ((TransferException) failure).reason())
        .isEqualTo(FailureReason.LEASE_LOST);
  }

  @Test
  void anEndpointGetsWholeFilesAndAnotherEachResource() throws Exception {
    bundle
        .set("p2p.deliver.file-uris.1", "jms:queue:files")
        .set("p2p.deliver.file-uris.2", "jms:queue:streams?artemisStreamingEnabled=true")
        .set("p2p.deliver.resource-uris.1", "jms:queue:resources")
        .set("p2p.deliver.bundle-uris.1", "jms:queue:bundles")
        .start();

    String id = ReadyExports.in(bundle).of(output("Patient", url("/1")));

    bundle.awaitEnd(id, "COMPLETE");
    Received file = receive("files", 1).get(0);
    assertThat(file.body()).isEqualTo(patients(1, 250));
    assertThat(file.key()).isEqualTo(id + "/Patient-1.ndjson");
    assertThat(file.message().getStringProperty("p2pResourceType")).isEqualTo("Patient");
    assertThat(file.message().getLongProperty("p2pCount")).isEqualTo(250);
    assertThat(file.message().getStringProperty("p2pFileSha256")).hasSize(64);
    assertThat(receive("streams", 1).get(0).body()).isEqualTo(patients(1, 250));
    List<Received> resources = receive("resources", 250);
    assertThat(resources).hasSize(250);
    assertThat(resources.get(249).body())
        .isEqualTo("{\"resourceType\":\"Patient\",\"id\":\"p250\"}");
    assertThat(resources.get(249).key()).isEqualTo(id + "/Patient-1.ndjson/250");
    List<Received> bundles = receive("bundles", 3);
    JsonNode last = new ObjectMapper().readTree(bundles.get(2).body());
    assertThat(last.path("entry")).hasSize(50);
    assertThat(last.at("/entry/49/resource/id").asText()).isEqualTo("p250");
    assertThat(bundles.get(2).key()).isEqualTo(id + "/Patient-1.ndjson/201-250");
    assertThat(leftovers(id)).isEmpty();
  }

  @Test
  void aSinkThatIsDownDelaysNoOtherAndGetsEverythingOnceItIsBack() throws Exception {
    int port = broker.port();
    String uri = "jms:queue:resources";
    bundle.set("p2p.deliver.resource-uris.1", uri).start();
    broker.close();

    String id = ReadyExports.in(bundle).of(output("Patient", url("/1")));

    bundle.awaitStored(id, 1);
    assertThat(outbox(id, "Patient-1.ndjson")).hasContent(patients(1, 250));
    assertThat(outbox(id, "manifest.json")).doesNotExist();

    broker = EmbeddedBroker.start(port);
    bundle.awaitEnd(id, "COMPLETE");
    assertThat(keys(receive("resources", 250))).hasSize(250).doesNotHaveDuplicates();
  }

  @Test
  void whatTheLedgerWouldNotHandOutKeepsNoPlaceAtItsSink() throws Exception {
    bundle.set("p2p.deliver.resource-uris.1", "jms:queue:resources");
    bundle.set("p2p.deliver.file-uris.1", "jms:queue:files");
    bundle.set("p2p.deliver.max-parallel", "1").start();
    bundle
        .jdbc()
        .sql(
            "ALTER TABLE step ADD CONSTRAINT none CHECK (kind <> 'DELIVER' OR lease_owner IS NULL)")
        .update();

    String id =
        ReadyExports.in(bundle).of(output("Patient", url("/1")), output("Patient", url("/1")));

    await()
        .atMost(PATIENCE)
        .until(
            () ->
                bundle.number(
                        "SELECT COUNT(*) FROM transfer_event WHERE what = 'RETRY_LATER' AND transfer_id = ?",
                        id)
                    > 1);
    bundle.jdbc().sql("ALTER TABLE step DROP CONSTRAINT none").update();
    bundle.awaitEnd(id, "COMPLETE");
    assertThat(deliveries(id, "DONE")).containsExactlyInAnyOrder("file-uri-1", "resource-uri-1");
  }

  @Test
  void aSinkThatRefusesFailsTheFileAndTheOthersHaveIt() throws Exception {
    bundle.set("p2p.deliver.file-uris.1", "http://127.0.0.1:1/nobody");
    bundle.set("p2p.retry.deadline", "1s").start();

    String id = ReadyExports.in(bundle).of(output("Patient", url("/1")));

    bundle.awaitEnd(id, "FAILED");
    assertThat(outbox(id, "Patient-1.ndjson")).hasContent(patients(1, 250));
    assertThat(manifest(id).at("/failure/step").asText()).isEqualTo("DELIVER");
  }

  @Test
  void ofTwoSinksThatAreDownTheLogAndTheTrailNameEach() throws Exception {
    bundle.set("p2p.deliver.file-uris.1", "http://127.0.0.1:1/secret-path");
    bundle.set("p2p.deliver.resource-uris.2", "http://127.0.0.1:1/secret-path").start();
    try (LogLines log = LogLines.from(Level.INFO)) {
      String id = ReadyExports.in(bundle).of(output("Patient", url("/1")));

      for (String sink : List.of("file-uri-1", "resource-uri-2")) {
        String step = "DELIVER to " + sink + ": SINK_UNAVAILABLE";
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () ->
                    assertThat(
                            bundle.column(
                                "SELECT detail FROM transfer_event WHERE what = 'RETRY_LATER'"))
                        .anyMatch(detail -> detail.startsWith(step + ": ")));
        assertThat(log.beginning("INFO transfer " + id + " " + step + ", ")).isNotEmpty();
      }
      assertThat(String.join("\n", log.all())).doesNotContain("secret-path");
    }
  }

  @Test
  void aResourceThatIsRefusedIsGoneOnWithAndNoneBeforeItIsRepeated() throws Exception {
    bundle.set("p2p.deliver.resource-uris.1", gateway.url() + "/sink");
    gateway.stub(post(urlEqualTo("/sink")).willReturn(ok()));
    gateway.once(post(urlEqualTo("/sink")).withRequestBody(containing("\"p150\"")), status(503));
    bundle.start();

    String id = ReadyExports.in(bundle).of(output("Patient", url("/1")));

    bundle.awaitEnd(id, "COMPLETE");
    List<String> keys =
        gateway.server().findAll(postRequestedFor(urlEqualTo("/sink"))).stream()
            .map(request -> request.getHeader("p2pDeliveryKey"))
            .map(key -> key.substring(key.lastIndexOf('/') + 1))
            .toList();
    assertThat(keys).hasSize(251);
    assertThat(keys.stream().filter("150"::equals)).hasSize(2);
    assertThat(keys.stream().distinct()).hasSize(250);
  }

  @Test
  void whatWasTakenAwayBeforeAllSinksHadItIsFetchedAgain() throws Exception {
    bundle.set("p2p.deliver.resource-uris.1", "jms:queue:resources").start();
    int port = broker.port();
    broker.close();
    String id = ReadyExports.in(bundle).of(output("Patient", url("/1")));
    bundle.awaitStored(id, 1);
    Files.delete(outbox(id, "Patient-1.ndjson"));

    bundle.stop();
    broker = EmbeddedBroker.start(port);
    bundle.start();

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(keys(receive("resources", 250))).hasSize(250);
    assertThat(outbox(id, "Patient-1.ndjson")).hasContent(patients(1, 250));
    gateway.server().verify(2, getRequestedFor(urlEqualTo("/v1/bison/1")));
  }

  @Test
  void aStoredFileThatIsNotWhatItWasIsFetchedAgain() throws Exception {
    int port = broker.port();
    bundle.set("p2p.deliver.file-uris.1", "jms:queue:files").start();
    broker.close();
    String id = ReadyExports.in(bundle).of(output("Patient", url("/1")));
    bundle.awaitStored(id, 1);

    bundle.stop();

    Files.writeString(outbox(id, "Patient-1.ndjson"), "spoilt");
    broker = EmbeddedBroker.start(port);
    bundle.start();

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(receive("files", 1).get(0).body()).isEqualTo(patients(1, 250));
  }

  @Test
  void aFileThatIsOnItsWayIntoTheOutboxDoesNotStayThereOnceItsTransferIsCancelled()
      throws Exception {
    OutputFileClaim claim = claimForDownload();
    KeptLease lease = kept(claim);
    Downloads downloads = bundle.bean("downloads", Downloads.class);
    Download download = downloads.begin(claim, lease);
    downloads.request(download);
    FetchedFile file = downloads.store(download, body(), OK);
    assertThat(outbox(claim.transferId(), "Patient-1.ndjson")).exists();

    cancel(claim);
    assertThat(bundle.bean("deliveries", Deliveries.class).plan(claim, file)).isFalse();

    bundle.awaitEnd(claim.transferId(), "CANCELLED");
    assertThat(outbox(claim.transferId(), "Patient-1.ndjson")).doesNotExist();
    assertThat(manifest(claim.transferId()).at("/files/0/status").asText()).isEqualTo("FAILED");
    lease.close();
  }

  @Test
  void aFileWhoseTransferIsCancelledBeforeItComesIsNotTheOutboxsFailure() throws Exception {
    OutputFileClaim claim = claimForDownload();
    KeptLease lease = kept(claim);
    Downloads downloads = bundle.bean("downloads", Downloads.class);
    Download download = downloads.begin(claim, lease);
    downloads.request(download);

    cancel(claim);
    bundle.awaitEnd(claim.transferId(), "CANCELLED");
    await()
        .atMost(PATIENCE)
        .until(() -> Files.notExists(folder.resolve("outbox/.incoming/" + claim.transferId())));

    assertThatThrownBy(() -> downloads.store(download, body(), OK))
        .extracting("reason")
        .isEqualTo(FailureReason.LEASE_LOST);
    lease.close();
  }

  private OutputFileClaim claimForDownload() throws Exception {
    bundle.set("p2p.shutdown.timeout", "1s").start();
    bundle.context().getRouteController().stopRoute("download-file");
    ReadyExports.in(bundle).of(output("Patient", url("/1")));
    return await()
        .atMost(PATIENCE)
        .until(() -> claims().claimForDownload(1), claims -> !claims.isEmpty())
        .get(0);
  }

  private KeptLease kept(OutputFileClaim claim) {
    return bundle
        .bean("renewals", StepLeases.class)
        .keep(new DefaultExchange(bundle.context()), claim);
  }

  private void cancel(OutputFileClaim claim) {
    bundle.bean("operatorLedger", OperatorLedger.class).cancel(claim.transferId(), "alice");
  }

  private static InputStream body() {
    return new ByteArrayInputStream(patients(1, 250).getBytes(UTF_8));
  }

  @Test
  void theOutboxMayLieOnAnotherFileSystemThanTheWorkDirectory() throws Exception {
    Path memory = Path.of("/dev/shm");
    FileStore here = Files.getFileStore(folder);
    assumeTrue(Files.isWritable(memory) && !Files.getFileStore(memory).equals(here));
    Path elsewhere = Files.createTempDirectory(memory, "outbox");
    bundle.set("p2p.outbox.directory", elsewhere.toString()).start();

    String id = ReadyExports.in(bundle).of(output("Patient", url("/1")));

    Path delivered = elsewhere.resolve("bison").resolve(id).resolve("Patient-1.ndjson");
    await().atMost(PATIENCE).until(() -> Files.exists(delivered.resolveSibling("manifest.json")));
    assertThat(delivered).hasContent(patients(1, 250));
    assertThat(permissions(delivered)).isEqualTo("rw-------");
    FileUtil.removeDir(elsewhere.toFile());
  }

  private void stub(String path, String body) {
    gateway.stub(get(urlEqualTo("/v1/bison" + path)).willReturn(ok(body)));
  }

  private String url(String path) {
    return gateway.url() + "/v1/bison" + path;
  }

  private Path outbox(String id, String name) {
    return bundle.outbox().resolve("bison").resolve(id).resolve(name);
  }

  private JsonNode manifest(String id) throws Exception {
    return new ObjectMapper().readTree(outbox(id, "manifest.json").toFile());
  }

  private List<String> deliveries(String id, String state) {
    return bundle
        .jdbc()
        .sql("SELECT sink FROM delivery WHERE transfer_id = ? AND state = ? ORDER BY sink")
        .params(id, state)
        .query(String.class)
        .list();
  }

  private List<Path> leftovers(String id) throws Exception {
    try (Stream<Path> work = Files.walk(bundle.work());
        Stream<Path> incoming = Files.walk(bundle.incoming(id).getParent())) {
      return Stream.concat(work, incoming)
          .filter(Files::isRegularFile)
          .filter(file -> !file.endsWith(SharedFolders.MARK))
          .toList();
    }
  }

  private List<Received> receive(String queue, int most) throws JMSException {
    List<Received> messages = new ArrayList<>();
    try (var factory = broker.connectionFactory();
        JMSContext context = factory.createContext();
        JMSConsumer consumer = context.createConsumer(context.createQueue(queue))) {
      while (messages.size() < most) {
        Message message = consumer.receive(5_000);
        if (message == null) {
          break;
        }
        messages.add(new Received(text(message), message));
      }
      assertThat(consumer.receiveNoWait()).as("more messages in " + queue).isNull();
    }
    return messages;
  }

  private static String text(Message message) throws JMSException {
    if (message instanceof BytesMessage bytes) {
      byte[] body = new byte[(int) bytes.getBodyLength()];
      bytes.readBytes(body);
      return new String(body, UTF_8);
    }
    return message.getBody(String.class);
  }

  private static List<String> keys(List<Received> messages) throws JMSException {
    List<String> keys = new ArrayList<>();
    for (Received received : messages) {
      keys.add(received.key());
    }
    return keys;
  }

  /** A message, its body read while its session was open. */
  private record Received(String body, Message message) {
    String key() throws JMSException {
      return message.getStringProperty("p2pDeliveryKey");
    }
  }

  private static String permissions(Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static String patients(int first, int count) {
    return IntStream.range(first, first + count)
        .mapToObj(i -> "{\"resourceType\":\"Patient\",\"id\":\"p" + i + "\"}\n")
        .collect(Collectors.joining());
  }
}
