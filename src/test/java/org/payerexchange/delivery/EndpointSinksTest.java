package org.payerexchange.delivery;

import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.temporaryRedirect;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.payerexchange.support.ReadyExports.output;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.ftpserver.FtpServer;
import org.apache.ftpserver.FtpServerFactory;
import org.apache.ftpserver.listener.ListenerFactory;
import org.apache.ftpserver.usermanager.impl.BaseUser;
import org.apache.ftpserver.usermanager.impl.WritePermission;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.NewFile;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.ReadyExports;
import org.payerexchange.support.TestBundle;

/** Camel endpoints as sinks, each for real; JMS stands in {@link DeliverRouteTest}. */
class EndpointSinksTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @RegisterExtension final Gateway gateway = new Gateway();
  @RegisterExtension final Gateway elsewhere = new Gateway();
  @TempDir Path folder;

  private TestBundle bundle;

  @BeforeEach
  void prepare() throws Exception {
    bundle = ReadyExports.bundle(folder, gateway);
  }

  @AfterEach
  void close() {
    bundle.close();
  }

  @Test
  void anHttpServerIsPostedWholeFilesSingleResourcesAndBatches() throws Exception {
    for (String path : List.of("/files", "/resources", "/bundles")) {
      gateway.stub(post(urlEqualTo(path)).willReturn(ok()));
    }
    bundle
        .set("p2p.deliver.file-uris.1", gateway.url() + "/files")
        .set("p2p.deliver.resource-uris.1", gateway.url() + "/resources")
        .set("p2p.deliver.bundle-uris.1", gateway.url() + "/bundles")
        .set("p2p.deliver.bundle-size", "2")
        .start();

    String id = deliver(file("Patient", 3));

    LoggedRequest file = posted("/files").get(0);
    assertThat(file.getBodyAsString()).isEqualTo(patients("Patient", 3));
    assertThat(file.getHeader("Content-Type")).startsWith("application/fhir+ndjson");
    assertThat(file.getHeader("p2pDeliveryKey")).isEqualTo(id + "/Patient-1.ndjson");
    assertThat(posted("/resources").stream().map(LoggedRequest::getBodyAsString).toList())
        .containsExactlyElementsOf(patients("Patient", 3).lines().toList());
    assertThat(posted("/bundles")).hasSize(2);
    JsonNode last = new ObjectMapper().readTree(posted("/bundles").get(1).getBodyAsString());
    assertThat(last.path("entry")).hasSize(1);
  }

  @Test
  void anHttpServerThatRedirectsGetsNobodysDataOrPasswordSentElsewhere() throws Exception {
    gateway.stub(
        post(urlEqualTo("/files")).willReturn(temporaryRedirect(elsewhere.url() + "/files")));
    bundle
        .set(
            "p2p.deliver.file-uris.1",
            gateway.url() + "/files?authMethod=Basic&authUsername=sink&authPassword=secret")
        .start();

    String id = ReadyExports.in(bundle).of(file("Patient", 1));

    await().atMost(PATIENCE).untilAsserted(() -> assertThat(refusals(id)).contains("SINK_REFUSED"));
    assertThat(posted("/files")).isNotEmpty();
    assertThat(elsewhere.server().getAllServeEvents()).isEmpty();
  }

  @Test
  void anFtpServerGetsWholeFilesUnderTheTransfersName() throws Exception {
    Path home = Files.createDirectories(folder.resolve("ftp"));
    ListenerFactory listener = new ListenerFactory();
    listener.setServerAddress("127.0.0.1");
    listener.setPort(0);
    FtpServerFactory factory = new FtpServerFactory();
    var ftp = listener.createListener();
    factory.addListener("default", ftp);
    BaseUser user = new BaseUser();
    user.setName("payer");
    user.setPassword("ftp-secret");
    user.setHomeDirectory(home.toString());
    user.setAuthorities(List.of(new WritePermission()));
    factory.getUserManager().save(user);
    FtpServer server = factory.createServer();
    server.start();
    try {
      bundle
          .set(
              "p2p.deliver.file-uris.1",
              "ftp:127.0.0.1:%d/received?username=payer&password=ftp-secret&passiveMode=true&binary=true&tempPrefix=unfinished-"
                  .formatted(ftp.getPort()))
          .start();

      String id = deliver(file("Patient", 5), file("Coverage", 2));

      Path received = home.resolve("received").resolve(id);
      assertThat(received.resolve("Patient-1.ndjson")).hasContent(patients("Patient", 5));
      assertThat(received.resolve("Coverage-2.ndjson")).hasContent(patients("Coverage", 2));
      try (Stream<Path> all = Files.list(received)) {
        assertThat(all).hasSize(2);
      }
    } finally {
      server.stop();
    }
  }

  @Test
  void aRouteThatTheUserAddsAsOneMoreYamlFileIsASink() throws Exception {
    Files.writeString(
        folder.resolve("routes").resolve("my-store.camel.yaml"),
        """
        - route:
            id: store-resource
            description: Keeps every resource in a file of its own.
            from:
              uri: direct:store-resource
              steps:
                - to:
                    id: write-resource
                    uri: file:%s
        """
            .formatted(folder.resolve("store")));
    bundle.set("p2p.deliver.resource-uris.1", "direct:store-resource").start();

    String id = deliver(file("Patient", 3));

    assertThat(folder.resolve("store").resolve(id).resolve("Patient-1.ndjson/2.json"))
        .hasContent("{\"resourceType\":\"Patient\",\"id\":\"p2\"}");
  }

  @Test
  void aRouteOfTheUserGetsWholeFilesAsFilesAndMayStopOrFail() throws Exception {
    Files.writeString(
        folder.resolve("routes").resolve("my-archive.camel.yaml"),
        """
        - route:
            id: archive-file
            description: Copies what is a file, for what is in memory would grow with it.
            from:
              uri: direct:archive-file
              steps:
                - filter:
                    simple: "${header.p2pResourceType} == 'Coverage'"
                    steps:
                      - stop: {}
                - filter:
                    simple: "${body} is 'java.io.File'"
                    steps:
                      - to: file:%2$s
                - to: %1$s/gate
        """
            .formatted(gateway.url(), folder.resolve("archive")));
    gateway.stub(post(urlEqualTo("/gate")).willReturn(ok()));
    gateway.once(post(urlEqualTo("/gate")), status(500));
    bundle.set("p2p.deliver.file-uris.1", "direct:archive-file").start();

    String id = deliver(file("Patient", 3), file("Coverage", 1), file("Claim", 2));

    assertThat(posted("/gate").stream().map(request -> request.getHeader("p2pDeliveryKey")))
        .containsExactly(
            id + "/Patient-1.ndjson", id + "/Patient-1.ndjson", id + "/Claim-3.ndjson");
    assertThat(folder.resolve("archive").resolve(id).resolve("Patient-1.ndjson"))
        .hasContent(patients("Patient", 3));
  }

  @Test
  void eachSinkKeepsItsOwnProgressAndTheOutcomeWaitsForAll() throws Exception {
    gateway.stub(post(urlEqualTo("/up")).willReturn(ok()));
    gateway.stub(post(urlEqualTo("/down")).willReturn(status(503)));
    bundle
        .set("p2p.deliver.resource-uris.1", gateway.url() + "/up")
        .set("p2p.deliver.resource-uris.2", gateway.url() + "/down")
        .set("p2p.deliver.file-uris.1", gateway.url() + "/up")
        .start();

    String id = ReadyExports.in(bundle).of(file("Patient", 3), file("Coverage", 2));

    await()
        .atMost(PATIENCE)
        .until(() -> sinks(id, "DONE").equals(List.of("file-uri-1", "resource-uri-1")));
    assertThat(posted("/up")).hasSize(7);
    assertThat(outbox(id, "manifest.json")).doesNotExist();

    gateway.stub(post(urlEqualTo("/down")).willReturn(ok()));
    bundle.awaitEnd(id, "COMPLETE");
    assertThat(posted("/up")).hasSize(7);
    assertThat(outbox(id, "manifest.json")).exists();
  }

  @Test
  void aSinkGetsTheFilesOfATransferInTheirOrderEvenIfTheFirstArrivesLast() throws Exception {
    gateway.stub(post(urlEqualTo("/sink")).willReturn(ok()));
    gateway.once(post(urlEqualTo("/sink")), status(503));
    bundle.set("p2p.deliver.file-uris.1", gateway.url() + "/sink").start();
    NewFile first = file("Patient", 1);
    gateway.stub(
        get(urlEqualTo("/v1/bison/Patient"))
            .willReturn(ok(patients("Patient", 1)).withFixedDelay(1_000)));

    deliver(first, file("Coverage", 1), file("Claim", 1));

    assertThat(
            posted("/sink").stream()
                .map(request -> request.getHeader("p2pResourceType"))
                .distinct()
                .toList())
        .containsExactly("Patient", "Coverage", "Claim");
  }

  private List<LoggedRequest> posted(String path) {
    return gateway.server().findAll(postRequestedFor(urlEqualTo(path)));
  }

  private List<String> sinks(String id, String state) {
    return bundle
        .jdbc()
        .sql("SELECT sink FROM delivery WHERE transfer_id = ? AND state = ? ORDER BY sink")
        .params(id, state)
        .query(String.class)
        .list();
  }

  private List<String> refusals(String id) {
    return bundle
        .jdbc()
        .sql("SELECT reason FROM delivery WHERE transfer_id = ? AND reason IS NOT NULL")
        .param(id)
        .query(String.class)
        .list();
  }

  private Path outbox(String id, String name) {
    return bundle.outbox().resolve("bison").resolve(id).resolve(name);
  }

  private String deliver(NewFile... files) {
    String id = ReadyExports.in(bundle).of(files);
    bundle.awaitEnd(id, "COMPLETE");
    return id;
  }

  private NewFile file(String type, int resources) {
    String path = "/v1/bison/" + type;
    gateway.stub(get(urlEqualTo(path)).willReturn(ok(patients(type, resources))));
    return output(type, gateway.url() + path);
  }

  private static String patients(String type, int count) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(i -> "{\"resourceType\":\"%s\",\"id\":\"p%d\"}\n".formatted(type, i))
        .collect(Collectors.joining());
  }
}
