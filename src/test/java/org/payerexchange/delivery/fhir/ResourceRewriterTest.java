package org.payerexchange.delivery.fhir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import ca.uhn.fhir.context.FhirContext;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.dialect.OneUp;
import org.payerexchange.files.AtomicFiles;
import org.payerexchange.files.FileHash;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.FileState;
import org.payerexchange.ledger.TransferReport;
import org.payerexchange.ledger.TransferReport.ReportedFile;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.payer.Payer;
import org.payerexchange.support.PlainPayer;

class ResourceRewriterTest {
  private static final String SERVER = "https://Fhir.example:443/base/fhir";
  private static final String BASE = "https://payer.example/v1/x";

  @TempDir Path folder;
  private ResourceRewriter rewriter;

  @BeforeEach
  void prepare() throws IOException {
    rewriter =
        new ResourceRewriter(
            payer(),
            server(),
            known("Patient", "p1", "5c0ffee0-0000-4000-8000-1"),
            FhirTypes.configured("", FhirContext.forR4Cached()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Patient/p1",
        "/Patient/p1",
        "./Patient/p1",
        "/v1/x/Patient/p1",
        "  Patient/p1 \u00a0",
        "Patient/p1/",
        "Patient/p1/_history/7",
        "/Patient/p1/_history/7",
        "Patient/p1#x",
        "urn:uuid:p1",
        "URN:UUID:P1",
        "https://payer.example/v1/x/Patient/p1",
        "https://alias.example/fhir/r4/Patient/p1/_history/7",
        " https://PAYER.example/v1/x/Patient/p1 "
      })
  void aReferenceInAnyFormLeadsToWhatCameAlong(String reference) throws Exception {
    FhirEntry entry = rewrite(reference);

    assertThat(entry.resource().at("/beneficiary/reference").asText())
        .isEqualTo("Patient/bison.p1");
    assertThat(entry.links()).allMatch(FhirEntry.Link::certain).hasSize(1);
    assertThat(entry.cut()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://fhir.example/base/fhir/Patient/heron.1",
        "HTTP://FHIR.EXAMPLE/base/fhir/Patient/heron.1",
        "https://fhir.example./base/fhir/Patient/heron.1",
        "https://user@fhir.example:443/base//fhir/Patient/heron.1",
        "https://fhir.example/base/x/../%66hir/Patient/heron.1",
        "https://fhir.example/Base;x=1/FHIR/Patient/heron.1",
        "https://fhir.example/../base/fhir/Patient?identifier=a|b",
        "https://fhir.example/base/fhir/Patient/{heron}",
        "//fhir.example/base/fhir/Patient/heron.1",
        "urn:uuid:never",
        "urn:x:Patient/p1",
        "ftp://fhir.example/Patient/p1",
        "Patient?name=x",
        "Patient?identifier=a|b,c|d",
        "Patient?identifier=%",
        "Patient?identifier=urn:payer-exchange:member|M-1",
        "Patient?identifier=a|b&name=x",
        "p1",
        ""
      })
  void whatCannotBeFollowedOrLeadsIntoTheServerItselfIsCutAndCounted(String reference)
      throws Exception {
    FhirEntry entry = rewrite(reference);

    assertThat(entry.resource().at("/beneficiary/reference").isMissingNode()).isTrue();
    assertThat(entry.resource().at("/beneficiary/identifier/value").asText()).isEqualTo(reference);
    assertThat(entry.cut()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "#inside",
        "https://elsewhere.example/fhir/Patient/1",
        "https://files.example/other/fhir/Patient/p1",
        "https://files.example/v1/x/Patient/p1",
        "https://files.example/other/fhir/Practitioner?identifier=a|b",
        "https://payer.example:8443/v1/x/Patient/p1",
        "https://fhir.example/base/fhirother/Patient/1",
        "https://fhir.example/base/other/Patient/1",
        "https://fhir.example:8443/base/fhir/Patient/1"
      })
  void othersStayAsTheyAre(String reference) throws Exception {
    FhirEntry entry = rewrite(reference);

    assertThat(entry.resource().at("/beneficiary/reference").asText()).isEqualTo(reference);
    assertThat(entry.links()).isEmpty();
    assertThat(entry.cut()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "?identifier=x",
        "..",
        "../Observation/9",
        "a/b",
        "a%2Fb",
        "a\\u0007b",
        "a\\nb",
        "Coverage/9",
        "x?_format=y",
        "x#y",
        "ÿ",
        "transfer-00000000-0000-0000-0000-000000000000"
      })
  void anIdIsAnIdAndNoPathOrQuery(String id) throws Exception {
    String line = "{\"resourceType\":\"Coverage\",\"id\":\"" + id + "\"}";

    FhirEntry entry = rewrite(line.getBytes(StandardCharsets.UTF_8));

    assertThat(entry.url())
        .matches("Coverage/(bison\\.[A-Za-z0-9.-]{1,58}|[0-9a-f]{64})")
        .doesNotContain("transfer-");
    assertThat(entry.url()).endsWith("/" + entry.resource().path("id").asText());
  }

  @Test
  void theSameResourceIsTheSameWhateverItsVersion() throws Exception {
    String line =
        "{\"resourceType\":\"Coverage\",\"id\":\"c\",\"meta\":{\"versionId\":\"%s\","
            + "\"lastUpdated\":\"2026-01-01T00:00:00Z\",\"profile\":[\"urn:p\"]},\"n\":1.50}";

    String one =
        FhirJson.write(rewrite(line.formatted("1").getBytes(StandardCharsets.UTF_8)).resource());
    String other =
        FhirJson.write(rewrite(line.formatted("2").getBytes(StandardCharsets.UTF_8)).resource());

    assertThat(one)
        .isEqualTo(other)
        .isEqualTo(
            "{\"resourceType\":\"Coverage\",\"id\":\"bison.c\",\"meta\":{\"profile\":[\"urn:p\"],"
                + "\"source\":\"https://payer.example/v1/x\",\"tag\":[{\"system\":"
                + "\"urn:payer-exchange:payer\",\"code\":\"bison\"}]},\"n\":1.50}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://fhir.example/base/fhir/Binary/heron.1",
        " HTTP://FHIR.EXAMPLE/base/fhir/Patient/heron.1/$everything",
        "https://fhir.example/BASE/Fhir;x=1/Binary/heron.1",
        "//fhir.example/base/fhir/Binary/heron.1"
      })
  void anAttachmentOfTheServerItselfIsCutAndCounted(String url) throws Exception {
    FhirEntry entry = attach(url);

    assertThat(entry.resource().at("/photo/0").has("url")).isFalse();
    assertThat(entry.resource().at("/photo/0/title").asText()).isEqualTo("kept");
    assertThat(entry.cut()).isEqualTo(1);
    assertThat(entry.links()).isEmpty();
  }

  /** What took time by the square of its length would take many minutes here. */
  @Test
  void aUrlOfTheServerThatIsLongerThanAnyIsCut() {
    String path = "a/".repeat(1 << 21) + "../".repeat(1 << 21) + "base/fhir/Binary/heron.1";
    FhirEntry entry =
        assertTimeoutPreemptively(
            Duration.ofMinutes(1), () -> attach("https://fhir.example/" + path));

    assertThat(entry.resource().at("/photo/0").has("url")).isFalse();
    assertThat(entry.cut()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "Patient/heron.1, /Patient/heron.1",
    "Binary?_id=heron.1, /Binary?_id=heron.1",
    "./Media/heron.1/$x, /Media/heron.1/$x",
    "/base/fhir/Patient/heron.1, /base/fhir/Patient/heron.1"
  })
  void aRelativeAttachmentThatIsNoBinaryIsThePayers(String url, String path) throws Exception {
    FhirEntry entry = attach(url);

    assertThat(entry.resource().at("/photo/0/url").asText()).isEqualTo(BASE + path);
    assertThat(entry.cut()).isZero();
  }

  @Test
  void slashesBeforeAnAttachmentAreLeftOutHoweverManyThereAre() throws Exception {
    assertThat(
            attach(" /" + "./".repeat(100_000) + "Media/1").resource().at("/photo/0/url").asText())
        .isEqualTo(BASE + "/Media/1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://elsewhere.example/a.pdf",
        "https://files.example/other/Binary/b1",
        "urn:oid:1.2.3",
        "data:text/plain,x",
        "#a"
      })
  void anAttachmentElsewhereStaysAsItIs(String url) throws Exception {
    assertThat(attach(url).resource().at("/photo/0/url").asText()).isEqualTo(url);
  }

  @Test
  void aBinaryThatWasFetchedFromAServerTrustedWithFilesIsLedToAndIsNoneOfThePayers()
      throws Exception {
    String fetched = "https://files.example/other/Binary/b1";
    String id = FileHash.sha256(fetched).substring(0, 40);
    rewriter =
        new ResourceRewriter(
            payer(),
            server(),
            known("Binary", "b1", "b2", id),
            FhirTypes.configured("", FhirContext.forR4Cached()));

    assertThat(attach(fetched).resource().at("/photo/0/url").asText())
        .isEqualTo("Binary/bison." + id);
    assertThat(attach(" " + fetched + " ").links())
        .extracting(FhirEntry.Link::target)
        .containsExactly("Binary/bison." + id);
    String other = "https://files.example/other/Binary/b2";
    assertThat(attach(other).resource().at("/photo/0/url").asText()).isEqualTo(other);
  }

  /** Java writes these in small letters by the square of their number. */
  @Test
  void anAttachmentElsewhereIsComparedInOnePass() {
    String url = "https://elsewhere.example/" + "Σ".repeat(1 << 20);
    FhirEntry entry = assertTimeoutPreemptively(Duration.ofMinutes(1), () -> attach(url));

    assertThat(entry.resource().at("/photo/0/url").asText()).isEqualTo(url);
  }

  @Test
  void theNamesOfExtensionsAndCanonicalUrlsAreNoAttachments() throws Exception {
    String line =
        "{\"resourceType\":\"Device\",\"id\":\"d\",\"meta\":{\"source\":\"s\"},\"url\":\"a/b\","
            + "\"contained\":[{\"resourceType\":\"Questionnaire\",\"url\":\"q\"}],"
            + "\"extension\":[{\"url\":\"urn:race\",\"extension\":[{\"url\":\"ombCategory\"}]}]}";

    ObjectNode resource = rewrite(line.getBytes(StandardCharsets.UTF_8)).resource();

    assertThat(resource.findValuesAsText("url"))
        .containsExactlyInAnyOrder("a/b", "q", "urn:race", "ombCategory");
  }

  private FhirEntry attach(String url) throws IOException {
    ObjectNode patient = FhirJson.mapper().createObjectNode();
    patient.put("resourceType", "Patient").put("id", "p1");
    patient.putArray("photo").addObject().put("title", "kept").put("url", url);
    return rewrite(FhirJson.write(patient).getBytes(StandardCharsets.UTF_8));
  }

  private FhirEntry rewrite(String reference) throws IOException {
    ObjectNode coverage = FhirJson.mapper().createObjectNode();
    coverage.put("resourceType", "Coverage").put("id", "c1");
    coverage.putObject("beneficiary").put("reference", reference);
    return rewrite(FhirJson.write(coverage).getBytes(StandardCharsets.UTF_8));
  }

  private FhirEntry rewrite(byte[] json) throws IOException {
    return rewriter.rewrite("Coverage-2.ndjson", 1, (ObjectNode) FhirJson.read(json), json);
  }

  private TransferIds known(String type, String... ids) throws IOException {
    Path file = folder.resolve(type + "-1.ndjson");
    for (String id : ids) {
      Files.writeString(
          file,
          "{\"resourceType\":\"%s\",\"id\":\"%s\"}\n".formatted(type, id),
          java.nio.file.StandardOpenOption.CREATE,
          java.nio.file.StandardOpenOption.APPEND);
    }
    ReportedFile reported =
        new ReportedFile(
            1,
            1,
            type + "-1.ndjson",
            FileKind.OUTPUT,
            type,
            1,
            FileState.STORED,
            null,
            (long) ids.length,
            Files.size(file),
            "0".repeat(64),
            null,
            null,
            null,
            null,
            List.of(),
            1,
            null,
            null,
            null);
    return TransferIds.of(
        new TransferReport(
            "t",
            null,
            "bison",
            null,
            "test",
            1,
            TransferState.MATCHED,
            null,
            null,
            null,
            Instant.EPOCH,
            null,
            List.of(),
            List.of(),
            List.of(reported)),
        folder,
        folder,
        new AtomicFiles(false));
  }

  private static Payer payer() {
    return PlainPayer.of(
        "bison",
        URI.create(BASE),
        URI.create("https://payer.example/token"),
        "id",
        "secret",
        "",
        Set.of("alias.example"),
        Set.of("files.example", "payer.example:8443"),
        new OneUp(),
        1);
  }

  private static ServerBase server() {
    return ServerBase.of(
        new FhirServer(SERVER, "", Optional.empty(), Duration.ofSeconds(1), Duration.ofSeconds(1)));
  }
}
