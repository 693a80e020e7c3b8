package org.payerexchange.delivery;

import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.payerexchange.delivery.TwoFiles.FIRST;
import static org.payerexchange.delivery.TwoFiles.names;
import static org.payerexchange.support.ReadyExports.output;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.NewFile;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.ReadyExports;
import org.payerexchange.support.TestBundle;

/** What belongs to several members is received where no member and no sink is given it. */
class SharedFilesRouteTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String ERRORS =
      """
      {"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"not-found"}]}
      """;
  private static final String DELETED =
      """
      {"resourceType":"Bundle","type":"transaction"}
      {"resourceType":"Bundle","type":"transaction"}
      """;

  @RegisterExtension final Gateway gateway = new Gateway();
  @TempDir Path folder;
  private TestBundle bundle;

  @BeforeEach
  void prepare() throws Exception {
    gateway.stub(get(urlEqualTo("/v1/bison/1")).willReturn(ok(FIRST)));
    gateway.stub(get(urlEqualTo("/v1/bison/2")).willReturn(ok(ERRORS)));
    gateway.stub(get(urlEqualTo("/v1/bison/3")).willReturn(ok(DELETED)));
    bundle =
        ReadyExports.bundle(folder, gateway)
            .set("p2p.deliver.file-uris.1", "http://127.0.0.1:1/nobody")
            .start();
    // whoever looks for the files of a transfer does not find them
    bundle.context().getRouteController().stopRoute("send-outcome");
  }

  @AfterEach
  void close() {
    bundle.close();
  }

  @Test
  void aSharedFileIsStoredApartAndGoesToNoSinkAndWhatIsNotAppliedIsAWarning() throws Exception {
    String id = shared(output("Patient", gateway.url() + "/v1/bison/1"), file(FileKind.ERROR, 2));

    bundle.context().getRouteController().startRoute("download-file");
    awaitStored(id, 2);

    Path shared = bundle.outbox().resolve(".shared").resolve(id);
    assertThat(names(shared))
        .containsExactlyInAnyOrder("Patient-1.ndjson", "OperationOutcome-2.ndjson");
    assertThat(shared.resolve("Patient-1.ndjson")).hasContent(FIRST);
    assertThat(permissions(shared)).isEqualTo("rwx------");
    assertThat(permissions(shared.resolve("Patient-1.ndjson"))).isEqualTo("rw-------");
    assertThat(bundle.outbox().resolve("bison")).doesNotExist();
    assertThat(warnings(id)).containsExactly("the payer reports 1 issue(s): error/not-found 1");
    assertThat(bundle.column("SELECT sink FROM delivery")).isEmpty();
    try (Stream<Path> received = Files.list(bundle.incoming(id))) {
      assertThat(received).isEmpty();
    }
  }

  @Test
  void whatIsDeletedAtThePayerIsCountedAndNotApplied() throws Exception {
    String id = shared(output("Patient", gateway.url() + "/v1/bison/1"), file(FileKind.DELETED, 3));

    bundle.context().getRouteController().startRoute("download-file");
    awaitStored(id, 2);

    assertThat(warnings(id))
        .containsExactly(
            "2 line(s) of what is deleted at the payer are not applied: they may be other members'");
    assertThat(bundle.column("SELECT sink FROM delivery")).isEmpty();
  }

  /** An export whose files belong to several members, while nobody fetches any. */
  private String shared(NewFile... files) throws Exception {
    bundle.context().getRouteController().stopRoute("download-file");
    String id = ReadyExports.in(bundle).of(files);
    bundle.jdbc().sql("UPDATE output_file SET shared = TRUE").update();
    return id;
  }

  private NewFile file(FileKind kind, int number) {
    String type = kind == FileKind.ERROR ? "OperationOutcome" : "Bundle";
    return new NewFile(kind, type, gateway.url() + "/v1/bison/" + number, true, null);
  }

  private void awaitStored(String id, int files) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(bundle.column("SELECT state FROM output_file WHERE transfer_id = ?", id))
                    .hasSize(files)
                    .containsOnly("STORED"));
  }

  private List<String> warnings(String id) {
    return bundle.column(
        "SELECT warnings FROM output_file WHERE transfer_id = ? AND warnings IS NOT NULL", id);
  }

  private static String permissions(Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
