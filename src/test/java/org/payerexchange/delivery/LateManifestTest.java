package org.payerexchange.delivery;

import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.payerexchange.delivery.TwoFiles.SECOND;
import static org.payerexchange.delivery.TwoFiles.names;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.store.OperatorLedger;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.ReadyExports;
import org.payerexchange.support.TestBundle;

/** A node that stands still on the way to the manifest, or ends right behind it. */
class LateManifestTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @RegisterExtension final Gateway gateway = new Gateway();
  @TempDir Path folder;
  private TestBundle bundle;
  private TwoFiles two;
  private final CountDownLatch go = new CountDownLatch(1);
  private final AtomicInteger passed = new AtomicInteger();
  private final AtomicInteger gone = new AtomicInteger();

  private void start(String file, String step) throws Exception {
    TwoFiles.serve(gateway);
    bundle = ReadyExports.bundle(folder, gateway).set("p2p.shutdown.timeout", "1s");
    Path route = folder.resolve("routes").resolve(file + ".camel.yaml");
    String text = Files.readString(route);
    String held =
        text.replaceFirst(
            "(?m)^( *)- bean:\\n( *)id: " + step + "\\n",
            // its route is added once the bundle has started
            "$1- to:\n$2id: stand-still\n$2uri: direct:stand-still?failIfNoConsumers=true\n$0");
    assertThat(held).isNotEqualTo(text);
    Files.writeString(route, held);
    bundle.start();
    two = new TwoFiles(bundle, gateway);
    bundle
        .context()
        .addRoutes(
            new RouteBuilder() {
              @Override
              public void configure() {
                from("direct:stand-still")
                    .process(
                        exchange -> {
                          if (passed.incrementAndGet() == 1) {
                            go.await(100, TimeUnit.SECONDS);
                            gone.incrementAndGet();
                          }
                        });
              }
            });
  }

  @AfterEach
  void close() {
    go.countDown();
    bundle.close();
  }

  @Test
  void aManifestThatComesLateLeavesTheOneOfALaterEndAlone() throws Exception {
    start("deliver", "write-manifest");
    gateway.stub(get(urlEqualTo("/v1/bison/2")).willReturn(ok("no JSON\n")));
    String id = two.transfer();
    await().atMost(PATIENCE).until(() -> passed.get() == 1);
    assertThat(two.state(id)).isEqualTo("FAILED");
    gateway.stub(get(urlEqualTo("/v1/bison/2")).willReturn(ok(SECOND)));
    bundle.jdbc().sql("UPDATE export_job SET status_url = NULL").update();
    bundle.bean("operatorLedger", OperatorLedger.class).retry(id, "alice");
    bundle.jdbc().sql("UPDATE export_job SET state = 'READY', open_files = 1").update();
    bundle
        .jdbc()
        .sql("UPDATE output_file SET state = 'PENDING', reason = NULL WHERE state <> 'STORED'")
        .update();
    bundle
        .jdbc()
        .sql(
            """
            UPDATE step SET kind = 'DOWNLOAD', due_at = CURRENT_TIMESTAMP, lease_owner = NULL,
              lease_until = NULL,
              item = (SELECT id FROM output_file WHERE state = 'PENDING')""")
        .update();
    bundle.awaitEnd(id, "COMPLETE");
    assertThat(two.manifest(id).path("status").asText()).isEqualTo("COMPLETE");

    go.countDown();
    await().atMost(PATIENCE).until(() -> gone.get() == 1);
    bundle.stop();
    assertThat(two.manifest(id).path("status").asText()).isEqualTo("COMPLETE");
    bundle.start();
  }

  @Test
  void aManifestThatComesLateLeavesTheOneOfTheCancelAlone() throws Exception {
    start("deliver", "write-manifest");
    String id = two.transfer();
    await().atMost(PATIENCE).until(() -> passed.get() == 1);
    assertThat(two.state(id)).isEqualTo("MATCHED");
    bundle.bean("operatorLedger", OperatorLedger.class).cancel(id, "alice");
    bundle.awaitEnd(id, "CANCELLED");

    go.countDown();
    bundle.stop();
    assertThat(two.manifest(id).path("status").asText()).isEqualTo("CANCELLED");
    bundle.start();
  }

  @Test
  void behindItsManifestAFolderIsTheConsumersThoughNobodyRecordedIt() throws Exception {
    start("deliver", "clear-folders-of-transfer");
    String id = two.transfer();
    await().atMost(PATIENCE).until(() -> passed.get() == 1);
    JsonNode before = two.manifest(id);
    Files.delete(two.folderOf(id).resolve("Patient-1.ndjson"));
    Files.delete(two.folderOf(id).resolve("Coverage-2.ndjson"));

    bundle
        .jdbc()
        .sql(
            "UPDATE step SET lease_until = CURRENT_TIMESTAMP - INTERVAL '1' MINUTE,"
                + " due_at = CURRENT_TIMESTAMP")
        .update();
    bundle.awaitEnd(id, "COMPLETE");
    assertThat(two.manifest(id)).isEqualTo(before);
    gateway.server().verify(1, getRequestedFor(urlEqualTo("/v1/bison/1")));
    assertThat(names(two.folderOf(id))).containsExactly("manifest.json");
  }
}
