package org.payerexchange.it;

import static com.github.tomakehurst.wiremock.client.WireMock.absent;
import static com.github.tomakehurst.wiremock.client.WireMock.delete;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.notFound;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.temporaryRedirect;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.hl7.fhir.r4.model.Binary;
import org.hl7.fhir.r4.model.DocumentReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.files.FileHash;
import org.payerexchange.support.FhirTestServer;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.TestBundle;

/** What the lines of a transfer's files name as attachments, from the payer to the outbox. */
class AttachmentsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String BASE = "/v1/bison";
  private static final String JOB = BASE + "/bulk-data/r4/$export/job/1";
  private static final String DOCUMENTS = BASE + "/bulk-data/r4/$export/file/1";
  private static final String COVERAGES = BASE + "/bulk-data/r4/$export/file/2";
  private static final String COVERAGE = "{\"resourceType\":\"Coverage\",\"id\":\"c1\"}\n";
  private static final byte[] SMALL = "a small one".getBytes(UTF_8);
  private static final byte[] LARGE = new byte[3000];

  @TempDir Path folder;

  @RegisterExtension final Gateway gateway = new Gateway();

  /** The payer's store, a trusted host. */
  @RegisterExtension final Gateway store = new Gateway();

  /** Nobody that is trusted: it must never be asked for anything. */
  @RegisterExtension final Gateway stranger = new Gateway();

  private TestBundle configured;
  private TestBundle bundle;
  private Pipeline pipeline;

  @BeforeEach
  void configure() throws Exception {
    configured =
        TestBundle.in(folder)
            .payer("bison", gateway.url())
            .set("p2p.payers.bison.trusted-hosts", URI.create(store.url()).getAuthority())
            .set("p2p.payers.bison.attachments", "true")
            .set("p2p.attachments.max-line-bytes", "1KB")
            .set("p2p.attachments.max-bytes", "10KB");
    gateway.stub(
        post(urlPathEqualTo("/auth/realms/dev-portal/protocol/openid-connect/token"))
            .willReturn(okJson("{\"access_token\":\"t1\",\"expires_in\":300}")));
    gateway.stub(
        post(urlEqualTo(BASE + "/member-match/$member-match"))
            .willReturn(okJson("{\"groupId\":\"g-1\"}")));
    gateway.stub(
        get(urlEqualTo(BASE + "/bulk-data/r4/Group/g-1/$export"))
            .willReturn(status(202).withHeader("Content-Location", gateway.url() + JOB)));
    gateway.stub(get(urlEqualTo(JOB)).willReturn(manifest(COVERAGES)));
    gateway.stub(get(urlEqualTo(COVERAGES)).willReturn(ok(COVERAGE)));
    gateway.stub(delete(urlEqualTo(JOB)).willReturn(status(202)));
  }

  @AfterEach
  void stop() {
    bundle.close();
  }

  @Test
  void smallOnesBecomeLinesOfBinariesAndLargeOnesFilesWithAnEntryInTheManifest() throws Exception {
    documents(
        document("Binary/b1", "application/pdf", SMALL),
        """
        {"resourceType":"DocumentReference","id":"d2","content":[{"attachment":{"url":"%s"}},{"attachment":{"url":"#c"}}]}
        """
            .formatted(gateway.url() + BASE + "/scans/7"),
        document("Binary/b1", "application/pdf", SMALL));
    gateway.stub(
        withToken(BASE + "/Binary/b1")
            .withHeader("Accept", equalTo("application/pdf, */*;q=0.1"))
            .willReturn(body(SMALL)));
    gateway.stub(withToken(BASE + "/scans/7").willReturn(body(LARGE)));

    String id = run();

    assertThat(pipeline.delivered("bison", id))
        .containsExactly(
            "Binary-3.ndjson",
            "Coverage-2.ndjson",
            "DocumentReference-1.ndjson",
            "attachment-4",
            "manifest.json");
    assertThat(outbox(id, "Binary-3.ndjson"))
        .hasContent(
            "{\"resourceType\":\"Binary\",\"id\":\"b1\",\"contentType\":\"application/pdf\",\"data\":\"%s\"}"
                .formatted(Base64.getEncoder().encodeToString(SMALL)));
    assertThat(outbox(id, "attachment-4")).hasBinaryContent(LARGE);
    assertThat(pipeline.leftOf(id)).isEmpty();
    assertThat(pipeline.transfer(id)).containsEntry("warnings", 0);
    gateway.server().verify(1, getRequestedFor(urlEqualTo(BASE + "/Binary/b1")));
    JsonNode files = told(id).path("files");
    assertThat(files.get(2).toString())
        .isEqualTo(
            "{\"name\":\"Binary-3.ndjson\",\"type\":\"Binary\",\"kind\":\"attachment\",\"status\":\"DELIVERED\",\"resources\":1,\"bytes\":%d,\"sha256\":\"%s\",\"contentType\":\"application/pdf\",\"namedIn\":\"DocumentReference-1.ndjson/1\"}"
                .formatted(
                    Files.size(outbox(id, "Binary-3.ndjson")),
                    pipeline.files(id).get(2).get("sha256")));
    assertThat(files.get(3).toString())
        .isEqualTo(
            "{\"name\":\"attachment-4\",\"kind\":\"attachment\",\"status\":\"DELIVERED\",\"bytes\":3000,\"sha256\":\"%s\",\"namedIn\":\"DocumentReference-1.ndjson/2\"}"
                .formatted(pipeline.files(id).get(3).get("sha256")));
    assertThat(told(id).toString()).doesNotContain("scans/7");
  }

  @Test
  void whatCannotBeHadIsAWarningAndNothingElseFails() throws Exception {
    documents(
        document("Binary/gone", "text/plain", SMALL),
        document("Binary/forbidden", "text/plain", SMALL),
        document("Binary/other", "text/plain", SMALL),
        document("Binary/longer", "text/plain", SMALL),
        document("Binary/huge", "text/plain", new byte[20_000]),
        document("Binary/grows", "text/plain", null),
        document(stranger.foreignUrl() + "/1", "text/plain", SMALL),
        document("urn:uuid:1", "text/plain", SMALL),
        document("Binary/good", "text/plain", SMALL));
    gateway.stub(get(urlEqualTo(BASE + "/Binary/gone")).willReturn(status(404)));
    gateway.stub(get(urlEqualTo(BASE + "/Binary/forbidden")).willReturn(status(403)));
    gateway.stub(get(urlEqualTo(BASE + "/Binary/other")).willReturn(ok("another one")));
    gateway.stub(get(urlEqualTo(BASE + "/Binary/longer")).willReturn(ok("much too long for it")));
    gateway.stub(get(urlEqualTo(BASE + "/Binary/grows")).willReturn(body(new byte[20_000])));
    gateway.stub(get(urlEqualTo(BASE + "/Binary/good")).willReturn(body(SMALL)));

    String id = run();

    assertThat(pipeline.files(id))
        .extracting(file -> file.get("kind"), file -> file.get("state"), file -> file.get("reason"))
        .containsExactly(
            tuple("OUTPUT", "STORED", null),
            tuple("OUTPUT", "STORED", null),
            tuple("ATTACHMENT", "FAILED", "PAYER_REFUSED"),
            tuple("ATTACHMENT", "FAILED", "PAYER_REFUSED"),
            tuple("ATTACHMENT", "FAILED", "FILE_INVALID"),
            tuple("ATTACHMENT", "FAILED", "FILE_INVALID"),
            tuple("ATTACHMENT", "FAILED", "TOO_LARGE"),
            tuple("ATTACHMENT", "FAILED", "TOO_LARGE"),
            tuple("ATTACHMENT", "STORED", null));
    assertThat(pipeline.delivered("bison", id))
        .containsExactly(
            "Binary-9.ndjson", "Coverage-2.ndjson", "DocumentReference-1.ndjson", "manifest.json");
    assertThat(pipeline.transfer(id)).containsEntry("warnings", 7).containsEntry("reason", null);
    assertThat(told(id).path("warnings"))
        .extracting(JsonNode::asText)
        .containsExactly(
            "DocumentReference-1.ndjson: 2 attachment(s) lead elsewhere than to the payer and its trusted-hosts, and are not fetched",
            "attachment-3: the attachment could not be had: PAYER_REFUSED: payer bison answered 404 to the request for a file",
            "attachment-4: the attachment could not be had: PAYER_REFUSED: payer bison answered 403 to the request for a file",
            "attachment-5: the attachment could not be had: FILE_INVALID: its content has another hash than is announced",
            "attachment-6: the attachment could not be had: FILE_INVALID: 11 bytes are announced, 20 arrived",
            "attachment-7: the attachment could not be had: TOO_LARGE: the file is announced with more than 10240 bytes (p2p.attachments.max-bytes)",
            "attachment-8: the attachment could not be had: TOO_LARGE: the file has more than 10240 bytes (p2p.attachments.max-bytes)");
    assertThat(told(id).path("files").get(2).toString())
        .contains("\"status\":\"FAILED\"", "\"reason\":\"PAYER_REFUSED\"");
    assertThat(stranger.server().getAllServeEvents()).isEmpty();
    gateway.server().verify(0, getRequestedFor(urlEqualTo(BASE + "/Binary/huge")));
  }

  @Test
  void signedUrlsThatDifferInMoreThanTheirSignatureAreTwoFilesAndOthersAreOne() throws Exception {
    String a = "/get?file=a&X-Amz-Credential=k&X-Amz-Signature=";
    String b = "/get?file=b&X-Amz-Credential=k&X-Amz-Signature=";
    documents(
        document(store.url() + a + "1", "text/plain", SMALL),
        document(store.url() + b + "2", "text/plain", LARGE),
        document(store.url() + a + "3", "text/plain", SMALL));
    store.stub(get(urlEqualTo(a + "1")).willReturn(body(SMALL)));
    store.stub(get(urlEqualTo(b + "2")).willReturn(body(LARGE)));

    String id = run();

    assertThat(outbox(id, "attachment-4")).hasBinaryContent(LARGE);
    assertThat(pipeline.delivered("bison", id))
        .containsExactly(
            "Binary-3.ndjson",
            "Coverage-2.ndjson",
            "DocumentReference-1.ndjson",
            "attachment-4",
            "manifest.json");
    assertThat(pipeline.transfer(id)).containsEntry("warnings", 0);
  }

  @Test
  void aBinaryThatComesAsAResourceIsUnwrappedBeforeItIsChecked() throws Exception {
    byte[] larger = new byte[2_000_000];
    configured.set("p2p.attachments.max-bytes", "10MB");
    documents(
        document("Binary/b1", "text/plain", SMALL), document("Binary/b2", "text/plain", larger));
    gateway.stub(get(urlEqualTo(BASE + "/Binary/b1")).willReturn(resource(SMALL)));
    gateway.stub(get(urlEqualTo(BASE + "/Binary/b2")).willReturn(resource(larger)));

    String id = run();

    assertThat(content(id, "Binary-3.ndjson")).isEqualTo(SMALL);
    assertThat(outbox(id, "attachment-4")).hasBinaryContent(larger);
    assertThat(pipeline.leftOf(id)).isEmpty();
  }

  @Test
  void whatIsGzipByItselfStaysSoAndOnlyWhatWasPackedForItsWayIsUnpacked() throws Exception {
    byte[] small = packed(SMALL);
    byte[] large = new byte[3000];
    new Random(1).nextBytes(large);
    large = packed(large);
    documents(
        document("Binary/b1", "application/gzip", small),
        document("Binary/b2", "application/gzip", large),
        document("Binary/b3", "application/gzip", large),
        document("Binary/b4", "text/plain", SMALL));
    gateway.stub(get(urlEqualTo(BASE + "/Binary/b1")).willReturn(body(small)));
    gateway.stub(get(urlEqualTo(BASE + "/Binary/b2")).willReturn(body(large)));
    gateway.stub(
        get(urlEqualTo(BASE + "/Binary/b3"))
            .willReturn(body(packed(large)).withHeader("Content-Encoding", "gzip")));
    gateway.stub(
        get(urlEqualTo(BASE + "/Binary/b4"))
            .willReturn(body(small).withHeader("Content-Encoding", "x-gzip")));

    String id = run();

    assertThat(pipeline.transfer(id)).containsEntry("warnings", 0);
    assertThat(content(id, "Binary-3.ndjson")).isEqualTo(small);
    assertThat(outbox(id, "attachment-4")).hasBinaryContent(large);
    assertThat(outbox(id, "attachment-5")).hasBinaryContent(large);
    assertThat(content(id, "Binary-6.ndjson")).isEqualTo(SMALL);
  }

  @Test
  void whatIsPackedByWhatCannotBeUnpackedIsAWarningThatNamesIt() throws Exception {
    documents(document("Binary/b1", "application/pdf", null));
    gateway.stub(
        get(urlEqualTo(BASE + "/Binary/b1"))
            .willReturn(body(SMALL).withHeader("Content-Encoding", "br")));

    String id = run();

    assertThat(told(id).path("warnings").toString()).contains("is packed by br");
    assertThat(pipeline.fileStates(id)).contains("FAILED");
  }

  @Test
  void theTokenGoesToThePayerAndNeitherWithASignedUrlNorBehindARedirectElsewhere()
      throws Exception {
    String signed = "/b1?X-Amz-Credential=k&X-Amz-Signature=s";
    documents(
        document(store.url() + signed, "text/plain", SMALL),
        document("Binary/b2", "text/plain", SMALL));
    store.stub(
        get(urlEqualTo(signed)).withHeader("Authorization", absent()).willReturn(body(SMALL)));
    store.stub(
        get(urlEqualTo("/b2")).withHeader("Authorization", absent()).willReturn(body(SMALL)));
    gateway.stub(withToken(BASE + "/Binary/b2").willReturn(temporaryRedirect(store.url() + "/b2")));

    String id = run();

    assertThat(pipeline.fileStates(id)).containsOnly("STORED").hasSize(4);
  }

  @Test
  void noMoreAreFetchedThanATransferMayHave() throws Exception {
    configured.set("p2p.attachments.max-count", "2");
    documents(
        document("Binary/b1", "text/plain", SMALL),
        document("Binary/b1", "text/plain", SMALL),
        document("Binary/b2", "text/plain", SMALL),
        document("Binary/b3", "text/plain", SMALL));
    gateway.stub(get(urlEqualTo(BASE + "/Binary/b1")).willReturn(body(SMALL)));
    gateway.stub(get(urlEqualTo(BASE + "/Binary/b2")).willReturn(body(SMALL)));

    String id = run();

    assertThat(pipeline.fileStates(id)).hasSize(4).containsOnly("STORED");
    assertThat(told(id).path("warnings"))
        .extracting(JsonNode::asText)
        .containsExactly(
            "DocumentReference-1.ndjson: 1 attachment(s) are not fetched: a transfer has no more (p2p.attachments.max-count)");
  }

  @Test
  void withoutTheSettingNobodyLooksForThem() throws Exception {
    configured.set("p2p.payers.bison.attachments", "false");
    documents(document("Binary/b1", "text/plain", SMALL));

    String id = run();

    assertThat(pipeline.fileStates(id)).hasSize(2);
    assertThat(pipeline.transfer(id)).containsEntry("warnings", 0);
  }

  @Test
  void aNodeThatGoesOnFetchesWhatIsStillToComeAndNothingTwice() throws Exception {
    documents(
        document("Binary/b1", "text/plain", SMALL), document("Binary/b2", "text/plain", SMALL));
    gateway.stub(get(urlEqualTo(BASE + "/Binary/b1")).willReturn(body(SMALL)));
    gateway.stub(get(urlEqualTo(BASE + "/Binary/b2")).willReturn(status(500)));
    start();
    await()
        .untilAsserted(
            () ->
                assertThat(pipeline.fileStates(pipeline.id("R-1")))
                    .containsExactly("STORED", "STORED", "STORED", "PENDING"));
    bundle.stop();
    gateway.stub(get(urlEqualTo(BASE + "/Binary/b2")).willReturn(body(SMALL)));
    bundle = configured.start();
    pipeline = new Pipeline(bundle);

    String id = pipeline.awaitEnd("R-1", "COMPLETE");

    assertThat(pipeline.delivered("bison", id)).contains("Binary-3.ndjson", "Binary-4.ndjson");
    gateway.server().verify(1, getRequestedFor(urlEqualTo(BASE + "/Binary/b1")));
    gateway.server().verify(1, getRequestedFor(urlEqualTo(DOCUMENTS)));
  }

  @Test
  void aManifestThatIsAskedForAgainLeavesThemAsTheyAre() throws Exception {
    documents(document("Binary/b1", "text/plain", SMALL));
    gateway.once(get(urlEqualTo(JOB)), manifest(COVERAGES + "-old"));
    gateway.stub(get(urlEqualTo(BASE + "/Binary/b1")).willReturn(body(SMALL)));
    gateway.once(
        get(urlEqualTo(BASE + "/Binary/b1")),
        status(200).withFault(Fault.CONNECTION_RESET_BY_PEER));
    gateway.stub(get(urlEqualTo(COVERAGES + "-old")).willReturn(status(410).withFixedDelay(500)));

    String id = run();

    assertThat(pipeline.events(id)).contains("MANIFEST_NEEDED");
    assertThat(pipeline.fileStates(id)).containsExactly("STORED", "STORED", "STORED");
    assertThat(pipeline.jobs(id).get(0)).containsEntry("open_files", 0);
  }

  @Test
  void sinksThatTakeFilesGetThemAndThoseThatTakeResourcesTheSmallOnes() throws Exception {
    Path files = folder.resolve("files");
    Path resources = folder.resolve("resources");
    configured
        .set("p2p.deliver.file-uris.1", "file:" + files)
        .set("p2p.deliver.resource-uris.1", "file:" + resources);
    documents(
        document("Binary/b1", "text/plain", SMALL), document("Binary/b2", "text/plain", LARGE));
    gateway.stub(get(urlEqualTo(BASE + "/Binary/b1")).willReturn(body(SMALL)));
    gateway.stub(get(urlEqualTo(BASE + "/Binary/b2")).willReturn(body(LARGE)));

    String id = run();

    assertThat(files.resolve(id).resolve("attachment-4")).hasBinaryContent(LARGE);
    assertThat(files.resolve(id).resolve("Binary-3.ndjson")).exists();
    assertThat(resources.resolve(id).resolve("Binary-3.ndjson/1.json")).exists();
    assertThat(resources.resolve(id).resolve("attachment-4")).doesNotExist();
    assertThat(told(id).path("warnings"))
        .extracting(JsonNode::asText)
        .containsExactly(
            "attachment-4: the attachment is no resource, and does not go to resource-uri-1");
  }

  @Test
  void aFhirServerGetsTheSmallOnesAsBinariesThatTheirDocumentsLeadTo() throws Exception {
    try (FhirTestServer server = FhirTestServer.start()) {
      configured.set("p2p.deliver.fhir.base-url", server.url());
      documents(
          document("Binary/b1", "text/plain", SMALL),
          document("Binary/b2", "text/plain", LARGE).replace("d1", "d2"));
      gateway.stub(get(urlEqualTo(BASE + "/Binary/b1")).willReturn(body(SMALL)));
      gateway.stub(get(urlEqualTo(BASE + "/Binary/b2")).willReturn(body(LARGE)));

      String id = run();

      Binary binary = server.resource(Binary.class, "Binary/bison.b1");
      assertThat(binary.getData()).isEqualTo(SMALL);
      DocumentReference document =
          server.resource(DocumentReference.class, "DocumentReference/bison.d1");
      assertThat(document.getContentFirstRep().getAttachment().getUrl())
          .startsWith("Binary/bison.b1");
      assertThat(told(id).path("warnings").toString())
          .contains("attachment-4: the attachment is no resource, and does not go to fhir");
    }
  }

  @Test
  void whatHasTheIdOfABinaryOfThePayersAtAnotherServerIsAnotherBinary() throws Exception {
    String other = store.url() + "/other/Binary/b1";
    String signed = "?X-Amz-Credential=k&X-Amz-Signature=s";
    byte[] content = "of another server".getBytes(UTF_8);
    try (FhirTestServer server = FhirTestServer.start()) {
      configured.set("p2p.deliver.fhir.base-url", server.url());
      documents(
          document("Binary/b1", "text/plain", SMALL),
          document(other, "text/plain", content).replace("d1", "d2"),
          document(other + signed, "text/plain", LARGE).replace("d1", "d3"));
      gateway.stub(get(urlEqualTo(BASE + "/Binary/b1")).willReturn(body(SMALL)));
      store.stub(get(urlEqualTo("/other/Binary/b1")).willReturn(body(content)));

      run();

      assertThat(server.resource(Binary.class, "Binary/bison.b1").getData()).isEqualTo(SMALL);
      assertThat(attachment(server, "d1")).isEqualTo("Binary/bison.b1");
      assertThat(attachment(server, "d2"))
          .isEqualTo("Binary/bison." + FileHash.sha256(other).substring(0, 40));
      assertThat(server.resource(Binary.class, attachment(server, "d2")).getData())
          .isEqualTo(content);
    }
  }

  /** What came last under one id would stand for all of them. */
  @Test
  void versionsOfABinaryAndWhatOthersHaveAtThePayersServerAreOtherBinaries() throws Exception {
    List<String> paths =
        List.of(
            BASE + "/Binary/b1",
            BASE + "/Binary/b1/_history/1",
            BASE + "/Binary/b1/_history/2",
            "/tenant/Binary/b1",
            BASE + "/Binary/b_1");
    try (FhirTestServer server = FhirTestServer.start()) {
      configured.set("p2p.deliver.fhir.base-url", server.url());
      String[] lines = new String[paths.size()];
      for (int n = 0; n < lines.length; n++) {
        String url = paths.get(n).replaceFirst(BASE + "/Binary/b_", "Binary/b_");
        byte[] content = paths.get(n).getBytes(UTF_8);
        lines[n] =
            document(url.startsWith("/") ? gateway.url() + url : url, "text/plain", content)
                .replace("d1", "d" + n);
        gateway.stub(get(urlEqualTo(paths.get(n))).willReturn(body(content)));
      }
      documents(lines);

      run();

      for (int n = 0; n < lines.length; n++) {
        assertThat(server.resource(Binary.class, attachment(server, "d" + n)).getData())
            .asString(UTF_8)
            .isEqualTo(paths.get(n));
      }
      assertThat(attachment(server, "d0")).isEqualTo("Binary/bison.b1");
    }
  }

  @Test
  void whatAParameterTellsApartIsNotOneBinary() throws Exception {
    documents(
        document("Binary/content?docId=1", "text/plain", SMALL),
        document("Binary/content?docId=2", "text/plain", new byte[] {2}),
        document("Binary/content?token=3", "text/plain", SMALL));
    gateway.stub(get(urlEqualTo(BASE + "/Binary/content?docId=1")).willReturn(body(SMALL)));
    gateway.stub(
        get(urlEqualTo(BASE + "/Binary/content?docId=2")).willReturn(body(new byte[] {2})));
    gateway.stub(get(urlEqualTo(BASE + "/Binary/content?token=3")).willReturn(body(SMALL)));

    String id = run();

    String first = binaryId(id, "Binary-3.ndjson");
    assertThat(binaryId(id, "Binary-4.ndjson")).isNotEqualTo(first);
    assertThat(binaryId(id, "Binary-5.ndjson"))
        .as("what is the same under a parameter that changes")
        .isEqualTo(first);
  }

  /** At a FHIR server it would be anybody's that is called so there. */
  @Test
  void whatCouldNotBeHadFromAnotherPathLeadsToThePayerAsItDid() throws Exception {
    try (FhirTestServer server = FhirTestServer.start()) {
      configured.set("p2p.deliver.fhir.base-url", server.url());
      String other = gateway.url() + "/archive/Binary/b1";
      documents(
          document("Binary/b1", "text/plain", SMALL),
          document(other, "text/plain", LARGE).replace("d1", "d2"));
      gateway.stub(get(urlEqualTo(BASE + "/Binary/b1")).willReturn(body(SMALL)));
      gateway.stub(get(urlEqualTo("/archive/Binary/b1")).willReturn(notFound()));

      run();

      assertThat(attachment(server, "d1")).isEqualTo("Binary/bison.b1");
      assertThat(attachment(server, "d2")).isEqualTo(other);
    }
  }

  private static String attachment(FhirTestServer server, String document) {
    return server
        .resource(DocumentReference.class, "DocumentReference/bison." + document)
        .getContentFirstRep()
        .getAttachment()
        .getUrl();
  }

  private String binaryId(String id, String binary) throws IOException {
    return JSON.readTree(outbox(id, binary).toFile()).path("id").textValue();
  }

  private byte[] content(String id, String binary) throws IOException {
    return JSON.readTree(outbox(id, binary).toFile()).path("data").binaryValue();
  }

  private static byte[] packed(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content);
    }
    return bytes.toByteArray();
  }

  private void documents(String... lines) {
    gateway.stub(
        get(urlEqualTo(DOCUMENTS))
            .willReturn(ok(Stream.of(lines).map(String::strip).collect(Collectors.joining("\n")))));
  }

  /**
   * A line with an attachment.
   *
   * @param content whose size and hash it tells, null for none
   */
  private static String document(String url, String type, byte[] content) throws Exception {
    return """
        {"resourceType":"DocumentReference","id":"d1","content":[{"attachment":\
        {"contentType":"%s","url":"%s"%s}}]}
        """
        .formatted(
            type,
            url,
            content == null
                ? ""
                : ",\"size\":%d,\"hash\":\"%s\""
                    .formatted(
                        content.length,
                        Base64.getEncoder()
                            .encodeToString(MessageDigest.getInstance("SHA-1").digest(content))))
        .strip();
  }

  private ResponseDefinitionBuilder manifest(String coverages) {
    return okJson(
        """
        {"requiresAccessToken": true, "output": [{"type": "DocumentReference", "url": "%s"},
         {"type": "Coverage", "url": "%s"}]}
        """
            .formatted(gateway.url() + DOCUMENTS, gateway.url() + coverages));
  }

  private static MappingBuilder withToken(String path) {
    return get(urlEqualTo(path)).withHeader("Authorization", equalTo("Bearer t1"));
  }

  private static ResponseDefinitionBuilder body(byte[] content) {
    return status(200).withBody(content);
  }

  private static ResponseDefinitionBuilder resource(byte[] content) {
    return ok("{\"resourceType\":\"Binary\",\"id\":\"x\",\"contentType\":\"text/plain\",\"data\":\"%s\"}"
            .formatted(Base64.getEncoder().encodeToString(content)))
        .withHeader("Content-Type", "application/fhir+json; charset=utf-8");
  }

  private void start() throws Exception {
    bundle = configured.start();
    pipeline = new Pipeline(bundle);
    pipeline.take(
        List.of(Pipeline.record("R-1", "bison", "M-1", "Ada", "Marlowe", "1980-04-05", "COV-1")));
  }

  private String run() throws Exception {
    start();
    return pipeline.awaitEnd("R-1", "COMPLETE");
  }

  private Path outbox(String id, String name) {
    return pipeline.outbox("bison", id).resolve(name);
  }

  private JsonNode told(String id) throws IOException {
    return JSON.readTree(outbox(id, "manifest.json").toFile());
  }
}
