package org.payerexchange.download;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.absent;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.temporaryRedirect;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.payerexchange.support.ReadyExports.output;

import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.files.FileHash;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.NewFile;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.ReadyExports;
import org.payerexchange.support.TestBundle;

class DownloadRouteTest {
  private static final Gateway GATEWAY = new Gateway();

  @TempDir static Path folder;

  private static HttpServer files;
  private static TestBundle bundle;

  private String test;

  @BeforeAll
  static void start() throws Exception {
    GATEWAY.start();
    files = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    files.setExecutor(Executors.newCachedThreadPool());
    files.start();
    bundle = bundle(folder.resolve("shared")).start();
  }

  @AfterAll
  static void stop() {
    bundle.close();
    files.stop(0);
    ((ExecutorService) files.getExecutor()).shutdownNow();
    GATEWAY.stop();
  }

  @BeforeEach
  void name(TestInfo info) {
    test = info.getTestMethod().orElseThrow().getName();
  }

  @AfterEach
  void nothingUnexpected() {
    GATEWAY.assertNothingUnexpected();
  }

  private static TestBundle bundle(Path folder) throws IOException {
    String trusted = "localhost,127.0.0.1:" + files.getAddress().getPort();
    return ReadyExports.bundle(folder, GATEWAY).set("p2p.payers.bison.trusted-hosts", trusted);
  }

  @Test
  void severalFilesOfOneTypeArriveByteForByte() throws Exception {
    GATEWAY.stub(file("/1").willReturn(ok(patients(1, 3))));
    GATEWAY.stub(file("/2").willReturn(ok(patients(4, 2))));
    GATEWAY.stub(file("/3").willReturn(ok("{\"resourceType\":\"Coverage\",\"id\":\"c\"}")));

    String id =
        ReadyExports.in(bundle)
            .of(
                output("Patient", url("/1")),
                output("Patient", url("/2")),
                output("Coverage", url("/3")));

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(outbox(id, "Patient-1.ndjson")).hasContent(patients(1, 3));
    assertThat(outbox(id, "Patient-2.ndjson")).hasContent(patients(4, 2));
    assertThat(outbox(id, "Coverage-3.ndjson")).exists();
    assertThat(column(id, "resources")).containsExactly("3", "2", "1");
    assertThat(column(id, "sha256").get(0))
        .isEqualTo(FileHash.sha256(outbox(id, "Patient-1.ndjson")));
    assertThat(incoming(id)).isEmpty();
  }

  @Test
  void anExportWithMorePatientsThanAMemberCanBeIsNotDelivered() throws Exception {
    GATEWAY.stub(file("/1").willReturn(ok(patients(1, 21))));
    try (TestBundle strict =
        bundle(folder.resolve("strict")).set("p2p.download.max-patients", "20").start()) {
      String id = ReadyExports.in(strict).of(output("Patient", url("/1")));

      strict.awaitEnd(id, "FAILED");
      assertThat(strict.column("SELECT reason FROM transfer WHERE id = ?", id))
          .containsExactly("TOO_LARGE");
      assertThat(strict.column("SELECT detail FROM output_file WHERE transfer_id = ?", id))
          .containsExactly(
              "the export has at least 21 Patients, more than 20 (p2p.download.max-patients): other people's, too?");
      assertThat(strict.outbox().resolve("bison").resolve(id))
          .isDirectoryNotContaining("glob:**.ndjson");

      GATEWAY.stub(file("/1").willReturn(ok(patients(1, 20))));
      strict.awaitEnd(ReadyExports.in(strict).of(output("Patient", url("/1"))), "COMPLETE");
    }
  }

  @Test
  void anExportOfEverybodyInManySmallFilesIsFoundOutBeforeAnythingOfItIsDelivered()
      throws Exception {
    String sink = "/sink/" + test;
    GATEWAY.stub(post(urlEqualTo(sink)).willReturn(ok()));
    GATEWAY.stub(file("/1").willReturn(ok("{\"resourceType\":\"Observation\",\"id\":\"o\"}")));
    GATEWAY.stub(file("/2").willReturn(ok(patients(1, 11))));
    CountDownLatch last = new CountDownLatch(1);
    files.createContext(
        "/" + test,
        exchange -> {
          try (exchange) {
            assertThat(last.await(5, TimeUnit.MINUTES)).isTrue();
            byte[] body = patients(12, 10).getBytes(UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
          } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
          }
        });
    try (TestBundle strict =
        bundle(folder.resolve("everybody"))
            .set("p2p.download.max-patients", "20")
            .set("p2p.deliver.resource-uris.1", GATEWAY.url() + sink)
            .start()) {
      String id =
          ReadyExports.in(strict)
              .of(
                  output("Observation", url("/1")),
                  output("Patient", url("/2")),
                  open("http://127.0.0.1:" + files.getAddress().getPort() + "/" + test));
      await()
          .atMost(2, TimeUnit.MINUTES)
          .until(
              () ->
                  strict.number(
                          """
                          SELECT COUNT(*) FROM step JOIN output_file file
                            ON file.transfer_id = step.transfer_id AND file.state = 'STORED'
                          WHERE step.transfer_id = ? AND step.kind = 'DELIVER' AND due_at IS NULL""",
                          id)
                      == 2);
      assertThat(GATEWAY.server().findAll(postRequestedFor(urlEqualTo(sink))))
          .as("while Patients are to come")
          .isEmpty();

      last.countDown();

      strict.awaitEnd(id, "FAILED");
      assertThat(strict.column("SELECT reason FROM transfer WHERE id = ?", id))
          .containsExactly("TOO_LARGE");
      assertThat(strict.column("SELECT detail FROM transfer WHERE id = ?", id))
          .containsExactly(
              "the export has at least 21 Patients, more than 20 (p2p.download.max-patients): other people's, too?");
      assertThat(GATEWAY.server().findAll(postRequestedFor(urlEqualTo(sink)))).isEmpty();
      assertThat(strict.outbox().resolve("bison").resolve(id))
          .isDirectoryNotContaining("glob:**.ndjson");
    } finally {
      last.countDown();
    }
  }

  @Test
  void filesAndFoldersAreForTheirOwnerOnly() throws Exception {
    GATEWAY.stub(file("/1").willReturn(ok(patients(1, 1))));

    String id = ReadyExports.in(bundle).of(output("Patient", url("/1")));

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(permissions(outbox(id, "Patient-1.ndjson"))).isEqualTo("rw-------");
    assertThat(permissions(outbox(id, "manifest.json"))).isEqualTo("rw-------");
    assertThat(permissions(outbox(id, ""))).isEqualTo("rwx------");
  }

  @Test
  void aBrokenTransferGoesOnWhereItStopped() throws Exception {
    byte[] body = patients(1, 40_000).getBytes(UTF_8);
    Breaking server = new Breaking(body, true, "\"v1\"");

    String id = ReadyExports.in(bundle).of(open(server.url()));

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(outbox(id, "Patient-1.ndjson")).hasBinaryContent(body);
    assertThat(column(id, "resources")).containsExactly("40000");
    assertThat(server.ranges).hasSizeGreaterThanOrEqualTo(2).doesNotContainNull();
    assertThat(server.ifRanges).containsOnly("\"v1\"");
    assertThat(incoming(id)).isEmpty();
  }

  @Test
  void piecesThatAreShorterThanAskedForAreNoFailures() throws Exception {
    byte[] body = patients(1, 40_000).getBytes(UTF_8);
    int piece = body.length / 8;
    AtomicInteger pieces = new AtomicInteger();
    files.createContext(
        "/" + test,
        exchange -> {
          String range = exchange.getRequestHeaders().getFirst("Range");
          int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
          int end = Math.min(body.length, from + piece);
          exchange.getResponseHeaders().add("ETag", "\"v1\"");
          if (range == null) {
            exchange.sendResponseHeaders(200, body.length);
          } else {
            pieces.incrementAndGet();
            exchange
                .getResponseHeaders()
                .add("Content-Range", "bytes %d-%d/%d".formatted(from, end - 1, body.length));
            exchange.sendResponseHeaders(206, end - from);
          }
          exchange.getResponseBody().write(body, from, end - from);
          exchange.getResponseBody().flush();
          exchange.close();
        });

    String id =
        ReadyExports.in(bundle)
            .of(open("http://127.0.0.1:" + files.getAddress().getPort() + "/" + test));

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(outbox(id, "Patient-1.ndjson")).hasBinaryContent(body);
    assertThat(column(id, "resources")).containsExactly("40000");
    assertThat(pieces).as("behind the one that broke off").hasValueGreaterThanOrEqualTo(7);
    assertThat(
            bundle.column(
                "SELECT what FROM transfer_event WHERE transfer_id = ? AND what = 'RETRY_LATER'",
                id))
        .as("the one that broke off")
        .hasSizeLessThanOrEqualTo(1);
    assertThat(incoming(id)).isEmpty();
  }

  @Test
  void aServerThatSendsTheFirstPieceAgainAndAgainIsNotAskedForEver() throws Exception {
    byte[] body = patients(1, 40_000).getBytes(UTF_8);
    AtomicBoolean mended = new AtomicBoolean();
    files.createContext(
        "/" + test,
        exchange -> {
          exchange.getResponseHeaders().add("ETag", "\"v1\"");
          boolean whole = mended.get() || exchange.getRequestHeaders().getFirst("Range") == null;
          int end = mended.get() ? body.length : body.length / 4;
          if (!whole) {
            exchange
                .getResponseHeaders()
                .add("Content-Range", "bytes 0-%d/%d".formatted(end - 1, body.length));
          }
          exchange.sendResponseHeaders(whole ? 200 : 206, whole ? body.length : end);
          exchange.getResponseBody().write(body, 0, end);
          exchange.getResponseBody().flush();
          exchange.close();
        });

    String id =
        ReadyExports.in(bundle)
            .of(open("http://127.0.0.1:" + files.getAddress().getPort() + "/" + test));

    await()
        .atMost(1, TimeUnit.MINUTES)
        .until(
            () ->
                bundle
                        .column(
                            "SELECT what FROM transfer_event WHERE transfer_id = ? AND what = 'RETRY_LATER'",
                            id)
                        .size()
                    >= 3);
    mended.set(true);
    bundle.awaitEnd(id, "COMPLETE");
    assertThat(outbox(id, "Patient-1.ndjson")).hasBinaryContent(body);
  }

  @Test
  void aServerWithoutRangesIsAskedForTheWholeFileAgain() throws Exception {
    byte[] body = patients(1, 20_000).getBytes(UTF_8);
    Breaking server = new Breaking(body, false, null);

    String id = ReadyExports.in(bundle).of(open(server.url()));

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(outbox(id, "Patient-1.ndjson")).hasBinaryContent(body);
    assertThat(server.ranges).isEmpty();
    assertThat(incoming(id)).isEmpty();
  }

  @Test
  void aFileThatHasChangedMeanwhileStartsOver() throws Exception {
    byte[] body = patients(1, 20_000).getBytes(UTF_8);
    Breaking server = new Breaking(body, true, "\"v1\"");
    server.nextTag = "\"v2\"";

    String id = ReadyExports.in(bundle).of(open(server.url()));

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(outbox(id, "Patient-1.ndjson")).hasBinaryContent(body);
    assertThat(server.ifRanges).contains("\"v1\"");
  }

  @Test
  void aPartIsNotGoneOnWithInAnotherVersionWhereTheServerDoesNotHeedIfRange() throws Exception {
    String before = patients(1, 20_000);
    byte[] after = before.replace("\"p", "\"q").getBytes(UTF_8);
    Breaking server = new Breaking(before.getBytes(UTF_8), true, "\"v1\"");
    server.heedsIfRange = false;
    server.nextTag = "\"v2\"";
    server.nextBody = after;

    String id = ReadyExports.in(bundle).of(open(server.url()));

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(outbox(id, "Patient-1.ndjson")).hasBinaryContent(after);
  }

  @Test
  void aPartWithoutATagIsNotGoneOnWithFromAnotherUrl() throws Exception {
    String before = patients(1, 20_000);
    byte[] after = before.replace("\"p", "\"q").getBytes(UTF_8);
    Breaking server = new Breaking(before.getBytes(UTF_8), true, null);
    server.nextBody = after;
    server.nextUrl = server.url() + "/second";

    String id = ReadyExports.in(bundle).of(open(server.url()));

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(outbox(id, "Patient-1.ndjson")).hasBinaryContent(after);
    assertThat(server.requests).hasSize(3);
    assertThat(server.ranges).as("the part of the new URL is gone on with").hasSize(1);
  }

  @Test
  void aPartThatTheDiskHasDamagedIsNoFaultOfThePayer() throws Exception {
    byte[] body = patients(1, 20_000).getBytes(UTF_8);
    Breaking server = new Breaking(body, true, "\"v1\"");
    server.onDisk = this::damagePart;

    String id = ReadyExports.in(bundle).of(open(server.url()));

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(outbox(id, "Patient-1.ndjson")).hasBinaryContent(body);
    assertThat(server.ranges).as("of the part that was damaged").isNotEmpty();
    assertThat(incoming(id)).isEmpty();
  }

  /** What a power cut can leave of a file that was not forced. */
  private void damagePart() throws IOException {
    try (Stream<Path> files = Files.walk(bundle.outbox().resolve(".incoming"))) {
      for (Path part : files.filter(path -> path.toString().endsWith(".part")).toList()) {
        Files.write(part, new byte[1000], StandardOpenOption.WRITE);
      }
    }
  }

  @Test
  void aResetConnectionIsTriedAgain() throws Exception {
    GATEWAY.inTurn(
        () -> file("/1"),
        aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER),
        ok(patients(1, 2)));

    String id = ReadyExports.in(bundle).of(output("Patient", url("/1")));

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(outbox(id, "Patient-1.ndjson")).hasContent(patients(1, 2));
  }

  @Test
  void aLineThatIsNotJsonFailsTheFileAndLeavesNothingBehind() throws Exception {
    GATEWAY.stub(file("/1").willReturn(ok(patients(1, 2) + "{\"resourceType\":\"Patient\",\n")));

    String id = ReadyExports.in(bundle).of(output("Patient", url("/1")));

    bundle.awaitEnd(id, "FAILED");
    assertThat(column(id, "reason")).containsExactly("FILE_INVALID");
    assertThat(column(id, "detail").get(0)).contains("line 3").doesNotContain("Patient\"");
    assertThat(outbox(id, "Patient-1.ndjson")).doesNotExist();
    assertThat(incoming(id)).isEmpty();
  }

  @Test
  void aLineOfAnotherTypeFailsTheFileAndTheOthersAreDelivered() throws Exception {
    GATEWAY.stub(file("/1").willReturn(ok("{\"resourceType\":\"Group\"}\n")));
    GATEWAY.stub(file("/2").willReturn(ok(patients(1, 1))));

    String id =
        ReadyExports.in(bundle).of(output("Patient", url("/1")), output("Patient", url("/2")));

    bundle.awaitEnd(id, "FAILED");
    assertThat(column(id, "state")).containsExactly("FAILED", "STORED");
    assertThat(outbox(id, "Patient-2.ndjson")).hasContent(patients(1, 1));
  }

  /** Case mixed-types, and files that some servers wrap or write in another form. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'resourceType':'Patient','id':'p1'}~{'resourceType':'RelatedPerson','id':'r1','patient':{'reference':'Patient/p1'}} | line 2 is a resource of another type than Patient",
        "{'resourceType':'Binary','contentType':'application/fhir+ndjson','data':'eyJyZXNvdXJjZVR5cGUiOiJQYXRpZW50In0K'} | line 1 is a resource of another type than Patient",
        "<Binary xmlns='http://hl7.org/fhir'><data value='eyJy'/></Binary> | line 1 is not a JSON object in UTF-8",
        "[{'resourceType':'Patient','id':'p1'}] | line 1 is not a JSON object in UTF-8",
        "{'resourceType':'OperationOutcome','issue':[{'severity':'error','code':'not-found'}]} | line 1 is a resource of another type than Patient"
      })
  void nothingIsDeliveredOfAFileThatHoldsSomethingElse(String lines, String detail)
      throws Exception {
    GATEWAY.stub(file("/1").willReturn(ok(lines.replace('\'', '"').replace('~', '\n') + "\n")));

    String id = ReadyExports.in(bundle).of(output("Patient", url("/1")));

    bundle.awaitEnd(id, "FAILED");
    assertThat(column(id, "reason")).containsExactly("FILE_INVALID");
    assertThat(column(id, "detail")).containsExactly(detail);
    assertThat(outbox(id, "Patient-1.ndjson")).doesNotExist();
  }

  /** As HAPI's server does that is asked by a media type of FHIR (hapi-fhir#4051). */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"resourceType\":\"Binary\",\"id\":\"b1\",\"contentType\":\"application/fhir+ndjson\",\"data\":\"eyJy\"}",
        "{\n  \"resourceType\": \"Binary\",\n  \"contentType\": \"application/fhir+ndjson\",\n  \"data\": \"eyJy\"\n}",
        "<Binary xmlns=\"http://hl7.org/fhir\"><contentType value=\"application/fhir+ndjson\"/><data value=\"eyJy\"/></Binary>",
      })
  void aFileThatComesInABinaryIsAskedForAsWhateverTypeThereIs(String binary) throws Exception {
    GATEWAY.stub(file("/1").willReturn(ok(binary)));
    GATEWAY.stub(file("/1").withHeader("Accept", equalTo("*/*")).willReturn(ok(patients(1, 2))));

    String id = ReadyExports.in(bundle).of(output("Patient", url("/1")));

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(outbox(id, "Patient-1.ndjson")).hasContent(patients(1, 2));
  }

  @Test
  void aFileOfBinariesIsAskedForOnce() throws Exception {
    String binaries =
        "{\"resourceType\":\"Binary\",\"id\":\"b\",\"contentType\":\"application/pdf\"}\n";
    GATEWAY.stub(file("/1").willReturn(ok(binaries)));

    String id = ReadyExports.in(bundle).of(output("Binary", url("/1")));

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(outbox(id, "Binary-1.ndjson")).hasContent(binaries);
    GATEWAY.server().verify(1, getRequestedFor(urlEqualTo(path("/1"))));
  }

  @ParameterizedTest
  @CsvSource({"br, br, 27", "br, br, 91", "'gzip, zstd', zstd, 40", "DEFLATE, deflate, 120"})
  void aFileThatIsPackedAsNobodyAskedForItSaysSo(String encoding, String named, byte first)
      throws Exception {
    GATEWAY.stub(
        file("/1")
            .willReturn(
                ok().withHeader("Content-Encoding", encoding)
                    .withBody(new byte[] {first, 0x2f, 0, (byte) 0xf8, 0x25, 0, 0x22})));

    String id = ReadyExports.in(bundle).of(output("Patient", url("/1")));

    bundle.awaitEnd(id, "FAILED");
    assertThat(column(id, "reason")).containsExactly("FILE_INVALID");
    assertThat(column(id, "detail"))
        .containsExactly(
            "the file is packed by %s, which was not asked for and cannot be unpacked"
                .formatted(named));
    assertThat(incoming(id)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"br", "UTF-8", "deflate"})
  void aPlainFileIsTakenWhateverItsContentEncodingSays(String encoding) throws Exception {
    GATEWAY.stub(
        file("/1").willReturn(ok(patients(1, 2)).withHeader("Content-Encoding", encoding)));

    String id = ReadyExports.in(bundle).of(output("Patient", url("/1")));

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(outbox(id, "Patient-1.ndjson")).hasContent(patients(1, 2));
  }

  /** What is packed for the way alone cannot be asked for in another form. */
  @Test
  void aFileInATransferEncodingThatNobodyAskedForFailsAtOnceAndSaysSo() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        TestBundle own =
            ReadyExports.bundle(folder.resolve(test), GATEWAY)
                .set("p2p.payers.bison.trusted-hosts", "127.0.0.1:" + server.getLocalPort())
                .start()) {
      CompletableFuture<Void> answered = CompletableFuture.runAsync(() -> answerPacked(server));

      String id =
          ReadyExports.in(own)
              .of(output("Patient", "http://127.0.0.1:%s/1".formatted(server.getLocalPort())));

      own.awaitEnd(id, "FAILED");
      assertThat(own.column("SELECT reason FROM output_file")).containsExactly("PAYER_REFUSED");
      assertThat(own.column("SELECT detail FROM output_file"))
          .containsExactly(
              "the answer comes in a Transfer-Encoding other than chunked, which was not asked for");
      answered.get(1, TimeUnit.MINUTES);
    }
  }

  private static void answerPacked(ServerSocket server) {
    try (Socket client = server.accept()) {
      BufferedReader request =
          new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8));
      String line = request.readLine();
      while (!line.isEmpty()) {
        line = request.readLine();
      }
      client
          .getOutputStream()
          .write(
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"
                  .getBytes(UTF_8));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  @Test
  void aTokenThatExpiresInTheMiddleOfAJobIsReplacedOnce() throws Exception {
    GATEWAY.inTurn(() -> file("/1"), status(401), ok(patients(1, 1)));

    String id = ReadyExports.in(bundle).of(output("Patient", url("/1")));

    bundle.awaitEnd(id, "COMPLETE");
    GATEWAY.server().verify(2, getRequestedFor(urlEqualTo(path("/1"))));
  }

  @Test
  void aRedirectToAForeignHostIsNotFollowed() throws Exception {
    Breaking foreign = new Breaking(patients(1, 1).getBytes(UTF_8), false, null);
    String elsewhere = foreign.url().replace("127.0.0.1", "127.0.0.2");
    GATEWAY.stub(file("/1").willReturn(temporaryRedirect(elsewhere)));

    String id = ReadyExports.in(bundle).of(output("Patient", url("/1")));

    bundle.awaitEnd(id, "FAILED");
    assertThat(column(id, "reason")).containsExactly("FOREIGN_HOST");
    assertThat(foreign.requests).isEmpty();
  }

  @Test
  void theTokenIsNotSentWhereTheManifestSaysThatNoneIsNeeded() throws Exception {
    GATEWAY.stub(
        get(urlEqualTo(path("/1")))
            .withHeader("Authorization", absent())
            .withHeader("Accept", equalTo("application/fhir+ndjson"))
            .willReturn(ok(patients(1, 1))));

    String id =
        ReadyExports.in(bundle).of(new NewFile(FileKind.OUTPUT, "Patient", url("/1"), false, null));

    bundle.awaitEnd(id, "COMPLETE");
  }

  @Test
  void packedFilesAreUnpacked() throws Exception {
    String body = patients(1, 1_000);
    GATEWAY.stub(
        file("/1").willReturn(ok().withHeader("Content-Encoding", "gzip").withBody(packed(body))));

    String id = ReadyExports.in(bundle).of(output("Patient", url("/1")));

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(outbox(id, "Patient-1.ndjson")).hasContent(body);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void everyMemberOfAPackedFileArrivesHoweverLateItComes(boolean withCount) throws Exception {
    String first = patients(1, 15_000);
    String second = patients(15_001, 15_000);
    Scripted server = new Scripted();
    CompletableFuture<String> transfer = new CompletableFuture<>();
    server.answers.add(
        exchange -> {
          exchange.getResponseHeaders().add("Content-Encoding", "gzip");
          exchange.sendResponseHeaders(200, 0);
          OutputStream out = exchange.getResponseBody();
          out.write(packed(first));
          out.flush();
          awaitReceived(transfer.join(), first.length());
          out.write(packed(second));
          out.flush();
          awaitReceived(transfer.join(), first.length() + second.length());
          out.write(packed(""));
        });

    String id =
        ReadyExports.in(bundle)
            .of(
                new NewFile(
                    FileKind.OUTPUT, "Patient", server.url(), false, withCount ? 30_000L : null));
    transfer.complete(id);

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(outbox(id, "Patient-1.ndjson")).hasContent(first + second);
    assertThat(column(id, "resources")).containsExactly("30000");
    assertThat(column(id, "warnings")).containsOnlyNulls();
  }

  @ParameterizedTest
  @EnumSource(Damage.class)
  void aBodyThatEndsEarlyOrIsDamagedIsAskedForAgain(Damage damage) throws Exception {
    String body = patients(1, 400) + patients(401, 400);
    Scripted server = new Scripted();
    server.answers.add(exchange -> damage.send(exchange, patients(1, 400), patients(401, 400)));
    server.answers.add(exchange -> whole(exchange, body.getBytes(UTF_8)));

    String id =
        ReadyExports.in(bundle)
            .of(new NewFile(FileKind.OUTPUT, "Patient", server.url(), false, damage.count()));

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(outbox(id, "Patient-1.ndjson")).hasContent(body);
    assertThat(server.requests).hasSize(2);
    assertThat(incoming(id)).isEmpty();
  }

  @Test
  void aFileThatIsPackedAtRestIsUnpackedWithoutAContentEncoding() throws Exception {
    String body = patients(1, 1_000);
    GATEWAY.stub(
        file("/1.ndjson.gz")
            .willReturn(
                ok().withHeader("Content-Type", "application/gzip").withBody(packed(body))));
    GATEWAY.stub(
        file("/2.ndjson.gz")
            .willReturn(
                ok().withHeader("Content-Encoding", "gzip").withBody(packed(packed(body)))));
    GATEWAY.stub(file("/3.ndjson").willReturn(ok(body).withHeader("Content-Encoding", "gzip")));

    String id =
        ReadyExports.in(bundle)
            .of(
                output("Patient", url("/1.ndjson.gz")),
                output("Patient", url("/2.ndjson.gz")),
                output("Patient", url("/3.ndjson")));

    bundle.awaitEnd(id, "COMPLETE");
    for (int n = 1; n <= 3; n++) {
      assertThat(outbox(id, "Patient-%d.ndjson".formatted(n))).hasContent(body);
    }
  }

  @Test
  void aPackedFileThatIsDamagedForGoodSaysGzip() throws Exception {
    byte[] damaged = packed(patients(1, 1_000));
    damaged[damaged.length - 6] ^= 1;
    GATEWAY.stub(file("/1.ndjson.gz").willReturn(ok().withBody(damaged)));

    String id = ReadyExports.in(bundle).of(output("Patient", url("/1.ndjson.gz")));

    await()
        .untilAsserted(() -> assertThat(column(id, "detail").get(0)).isNotNull().contains("gzip"));
    assertThat(column(id, "state")).containsExactly("PENDING");
    bundle.jdbc().sql("DELETE FROM step WHERE transfer_id = ?").param(id).update();
  }

  @Test
  void theRestOfAPackedFileThatIsPackedItselfIsNotTakenForItsRest() throws Exception {
    String body = patients(1, 20_000);
    byte[] packed = packed(body);
    Scripted server = new Scripted();
    server.answers.add(
        exchange -> {
          exchange.getResponseHeaders().add("Content-Encoding", "gzip");
          exchange.getResponseHeaders().add("ETag", "\"v1\"");
          exchange.sendResponseHeaders(200, packed.length);
          exchange.getResponseBody().write(packed, 0, packed.length / 2);
          exchange.getResponseBody().flush();
        });
    server.answers.add(
        exchange -> {
          int from = 1000;
          exchange.getResponseHeaders().add("Content-Encoding", "gzip");
          exchange.getResponseHeaders().add("ETag", "\"v1\"");
          String range = exchange.getRequestHeaders().getFirst("Range");
          exchange
              .getResponseHeaders()
              .add("Content-Range", range.replace("=", " ") + (packed.length - 1) + "/*");
          exchange.sendResponseHeaders(206, packed.length - from);
          exchange.getResponseBody().write(packed, from, packed.length - from);
        });
    server.answers.add(
        exchange -> {
          assertThat(exchange.getRequestHeaders().getFirst("Range")).isNull();
          exchange.getResponseHeaders().add("Content-Encoding", "gzip");
          whole(exchange, packed);
        });

    String id = ReadyExports.in(bundle).of(open(server.url()));

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(outbox(id, "Patient-1.ndjson")).hasContent(body);
    assertThat(server.requests).hasSize(3);
  }

  @Test
  void theCountOfAnErrorFileIsNotComparedWithItsLines() throws Exception {
    GATEWAY.stub(file("/1").willReturn(ok(patients(1, 1))));
    GATEWAY.stub(
        file("/2")
            .willReturn(
                ok(
                    "{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":\"error\",\"code\":\"exception\"}]}\n")));
    GATEWAY.stub(file("/3").willReturn(ok("{\"resourceType\":\"Bundle\"}\n")));

    String id =
        ReadyExports.in(bundle)
            .of(
                output("Patient", url("/1")),
                new NewFile(FileKind.ERROR, "OperationOutcome", url("/2"), true, 41L),
                new NewFile(FileKind.DELETED, "Bundle", url("/3"), true, 7L));

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(outbox(id, "manifest.json")).content().doesNotContain("announced");
  }

  @Test
  void aCountThatDiffersIsAWarning() throws Exception {
    GATEWAY.stub(file("/1").willReturn(ok(patients(1, 2))));

    String id =
        ReadyExports.in(bundle).of(new NewFile(FileKind.OUTPUT, "Patient", url("/1"), true, 3L));

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(column(id, "warnings")).containsExactly("3 resources announced, 2 arrived");
  }

  @Test
  void aFileThatAProxyHasTouchedIsTakenAndNoContentIsAnEmptyOne() throws Exception {
    GATEWAY.stub(file("/1").willReturn(status(203).withBody(patients(1, 2))));
    GATEWAY.stub(file("/2").willReturn(status(204)));
    GATEWAY.stub(file("/3").willReturn(status(204)));

    String id =
        ReadyExports.in(bundle)
            .of(
                output("Patient", url("/1")),
                new NewFile(FileKind.OUTPUT, "Coverage", url("/2"), true, 3L),
                new NewFile(FileKind.ERROR, "OperationOutcome", url("/3"), true, null));

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(outbox(id, "Patient-1.ndjson")).hasContent(patients(1, 2));
    assertThat(column(id, "resources")).containsExactly("2", "0", "0");
    assertThat(column(id, "warnings"))
        .containsExactly(null, "3 resources announced, 0 arrived", null);
  }

  @Test
  void anErrorFileThatCannotBeHadIsAWarning() throws Exception {
    GATEWAY.stub(file("/1").willReturn(ok(patients(1, 1))));
    GATEWAY.stub(file("/2").willReturn(status(410)));

    String id =
        ReadyExports.in(bundle)
            .of(
                output("Patient", url("/1")),
                new NewFile(FileKind.ERROR, "OperationOutcome", url("/2"), true, null),
                new NewFile(
                    FileKind.ERROR, "OperationOutcome", "http://elsewhere.invalid/3", true, null));

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(column(id, "warnings").subList(1, 3)).doesNotContainNull();
    assertThat(outbox(id, "OperationOutcome-2.ndjson")).doesNotExist();
    assertThat(outbox(id, "manifest.json"))
        .content()
        .contains("error file could not be had")
        .doesNotContain("\"name\" : \"OperationOutcome");
  }

  @Test
  void aFileThatIsGoneSendsTheJobBackForItsManifest() throws Exception {
    GATEWAY.stub(file("/1").willReturn(status(404)));

    String id = ReadyExports.in(bundle).of(output("Patient", url("/1")));

    await().until(() -> jobState(id).equals("RUNNING"));
    assertThat(column(id, "state")).containsExactly("PENDING");
  }

  @Test
  void aLostLeaseEndsTheDownloadAndLeavesNoFile() throws Exception {
    Breaking server = new Breaking(patients(1, 100_000).getBytes(UTF_8), false, null);
    server.held = new CountDownLatch(1);
    try (TestBundle own = bundle(folder.resolve("own")).set("p2p.lease", "600ms").start()) {
      String id = ReadyExports.in(own).of(open(server.url()));
      await().until(() -> !incoming(own, id).isEmpty());
      own.jdbc().sql("DELETE FROM step").update();
      server.held.countDown();

      await().until(() -> incoming(own, id).isEmpty());
      assertThat(own.jdbc().sql("SELECT state FROM output_file").query(String.class).list())
          .containsExactly("PENDING");
      assertThat(own.outbox().resolve("bison").resolve(id)).isEmptyDirectory();
    }
  }

  @Test
  void whatADeadLeaseLeftIsGoneOnceTheFileIsClaimedAgain() throws Exception {
    GATEWAY.inTurn(() -> file("/1"), status(500).withFixedDelay(5_000), ok(patients(1, 1)));

    String id = ReadyExports.in(bundle).of(output("Patient", url("/1")));
    Path transfer = bundle.incoming(id);
    await().until(() -> Files.exists(transfer));
    Files.writeString(transfer.resolve(".Patient-1.ndjson.0.part"), "half a li");

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(incoming(id)).isEmpty();
  }

  private NewFile open(String url) {
    return new NewFile(FileKind.OUTPUT, "Patient", url, false, null);
  }

  private MappingBuilder file(String path) {
    return get(urlEqualTo(path(path)));
  }

  private String url(String path) {
    return GATEWAY.url() + path(path);
  }

  /** Each test has its own files on the shared gateway. */
  private String path(String path) {
    return "/v1/bison/" + test + path;
  }

  private Path outbox(String id, String name) {
    return bundle.outbox().resolve("bison").resolve(id).resolve(name);
  }

  private String jobState(String id) {
    return bundle
        .jdbc()
        .sql("SELECT state FROM export_job WHERE transfer_id = ?")
        .param(id)
        .query(String.class)
        .single();
  }

  private List<String> column(String id, String name) {
    return bundle
        .jdbc()
        .sql("SELECT " + name + " FROM output_file WHERE transfer_id = ? ORDER BY number")
        .param(id)
        .query(String.class)
        .list();
  }

  /** All but what may still wait in the buffer of the check. */
  private static void awaitReceived(String id, long bytes) {
    await()
        .until(
            () -> {
              long received = 0;
              for (Path file : incoming(id)) {
                received += Files.size(file);
              }
              return received >= bytes - 300 * 1024;
            });
  }

  private static List<Path> incoming(String id) throws IOException {
    return incoming(bundle, id);
  }

  private static List<Path> incoming(TestBundle bundle, String id) throws IOException {
    Path transfer = bundle.incoming(id);
    if (!Files.exists(transfer)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(transfer)) {
      return files.toList();
    }
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static String patients(int first, int count) {
    return IntStream.range(first, first + count)
        .mapToObj(i -> "{\"resourceType\":\"Patient\",\"id\":\"p" + i + "\"}\n")
        .collect(Collectors.joining());
  }

  private static byte[] packed(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text.getBytes(UTF_8));
    }
    return bytes.toByteArray();
  }

  private static byte[] packed(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content);
    }
    return bytes.toByteArray();
  }

  private static void whole(HttpExchange exchange, byte[] body) throws IOException {
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
  }

  /** How a body of two packed members, or of two halves, is not what it should be. */
  private enum Damage {
    PACKED_AND_CUT_IN_THE_SECOND_MEMBER,
    PACKED_AND_CUT_IN_THE_SECOND_HEADER,
    PACKED_AND_CUT_BY_LENGTH,
    PACKED_WITH_GARBAGE_BEHIND,
    CHUNKED_AND_CUT,
    CUT_BY_LENGTH,
    CUT_WITHOUT_LENGTH;

    /** Only a count tells where nothing else does. */
    Long count() {
      return this == CUT_WITHOUT_LENGTH ? 800L : null;
    }

    void send(HttpExchange exchange, String first, String second) throws IOException {
      byte[] one = packed(first);
      byte[] two = packed(second);
      byte[] both = Arrays.copyOf(one, one.length + two.length);
      System.arraycopy(two, 0, both, one.length, two.length);
      if (name().startsWith("PACKED")) {
        exchange.getResponseHeaders().add("Content-Encoding", "gzip");
      }
      switch (this) {
        case PACKED_AND_CUT_IN_THE_SECOND_MEMBER ->
            whole(exchange, Arrays.copyOf(both, both.length - 20));
        case PACKED_AND_CUT_IN_THE_SECOND_HEADER ->
            whole(exchange, Arrays.copyOf(both, one.length + 4));
        case PACKED_AND_CUT_BY_LENGTH -> begin(exchange, both.length, one);
        case PACKED_WITH_GARBAGE_BEHIND -> {
          byte[] more = Arrays.copyOf(both, both.length + 3);
          more[both.length] = 'x';
          whole(exchange, more);
        }
        case CHUNKED_AND_CUT -> raw(exchange, "Transfer-Encoding: chunked", chunk(first));
        case CUT_BY_LENGTH ->
            begin(exchange, first.length() + second.length(), first.getBytes(UTF_8));
        case CUT_WITHOUT_LENGTH -> raw(exchange, "Connection: close", first);
      }
    }

    private static String chunk(String text) {
      return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    private static void begin(HttpExchange exchange, int length, byte[] part) throws IOException {
      exchange.sendResponseHeaders(200, length);
      exchange.getResponseBody().write(part);
      exchange.getResponseBody().flush();
    }

    /** What the server would not send by itself: another server answers, by a redirect. */
    private static void raw(HttpExchange exchange, String header, String body) throws IOException {
      ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      Thread answering =
          new Thread(
              () -> {
                try (server;
                    Socket client = server.accept()) {
                  client.getInputStream().read(new byte[8192]);
                  client
                      .getOutputStream()
                      .write(("HTTP/1.1 200 OK\r\n" + header + "\r\n\r\n" + body).getBytes(UTF_8));
                } catch (IOException gone) {
                  throw new UncheckedIOException(gone);
                }
              });
      answering.start();
      exchange
          .getResponseHeaders()
          .add("Location", "http://localhost:%d/raw".formatted(server.getLocalPort()));
      exchange.sendResponseHeaders(302, -1);
    }
  }

  /** A file server that answers one request after another as it is told. */
  private final class Scripted {
    final List<String> requests = new CopyOnWriteArrayList<>();
    final Queue<HttpHandler> answers = new ConcurrentLinkedQueue<>();
    private final String path = "/" + test + "-" + UUID.randomUUID();

    Scripted() {
      files.createContext(
          path,
          exchange -> {
            requests.add(exchange.getRequestURI().toString());
            try (exchange) {
              answers.remove().handle(exchange);
            }
          });
    }

    String url() {
      return "http://127.0.0.1:" + files.getAddress().getPort() + path;
    }
  }

  /** What happens to the files before an answer. */
  private interface OnDisk {
    void run() throws IOException;
  }

  /** A file server whose first two answers break off, with or without ranges. */
  private final class Breaking {
    final List<String> requests = new CopyOnWriteArrayList<>();
    final List<String> ranges = new CopyOnWriteArrayList<>();
    final List<String> ifRanges = new CopyOnWriteArrayList<>();
    volatile String nextTag;
    volatile byte[] nextBody;
    volatile String nextUrl;
    volatile boolean heedsIfRange = true;
    volatile OnDisk onDisk = () -> {};
    volatile CountDownLatch held = new CountDownLatch(0);
    private volatile byte[] body;
    private final boolean withRanges;
    private volatile String tag;

    Breaking(byte[] body, boolean withRanges, String tag) throws IOException {
      this.body = body;
      this.withRanges = withRanges;
      this.tag = tag;
      files.createContext("/" + test, this::answer);
    }

    String url() {
      return "http://127.0.0.1:" + files.getAddress().getPort() + "/" + test;
    }

    private void answer(HttpExchange exchange) throws IOException {
      requests.add(exchange.getRequestURI().toString());
      onDisk.run();
      if (nextUrl != null) {
        bundle
            .jdbc()
            .sql("UPDATE output_file SET url = ? WHERE url = ?")
            .params(nextUrl, url())
            .update();
        exchange.getResponseHeaders().add("Accept-Ranges", "bytes");
      }
      String range = exchange.getRequestHeaders().getFirst("Range");
      int from = 0;
      if (range != null) {
        ranges.add(range);
        String ifRange = exchange.getRequestHeaders().getFirst("If-Range");
        if (ifRange != null) {
          ifRanges.add(ifRange);
        }
        boolean same = ifRange == null || ifRange.equals(tag) || !heedsIfRange;
        from = withRanges && same ? Integer.parseInt(range.replaceAll("\\D", "")) : 0;
      }
      if (tag != null) {
        exchange.getResponseHeaders().add("ETag", tag);
      }
      if (from > 0) {
        exchange
            .getResponseHeaders()
            .add("Content-Range", "bytes %d-%d/%d".formatted(from, body.length - 1, body.length));
      }
      exchange.sendResponseHeaders(from > 0 ? 206 : 200, body.length - from);
      send(exchange, from);
      if (nextTag != null) {
        tag = nextTag;
      }
      if (nextBody != null) {
        body = nextBody;
      }
      exchange.close();
    }

    private void send(HttpExchange exchange, int from) throws IOException {
      OutputStream out = exchange.getResponseBody();
      if (held.getCount() > 0) {
        out.write(body, 0, body.length / 2);
        out.flush();
        awaitHeld();
        sendByteByByteUntilItIsBrokenOff(out);
        return;
      }
      boolean breaks = requests.size() <= 2;
      out.write(body, from, breaks ? (body.length - from) / 2 : body.length - from);
      out.flush();
    }

    private void sendByteByByteUntilItIsBrokenOff(OutputStream out) {
      AtomicInteger next = new AtomicInteger(body.length / 2);
      await()
          .until(
              () -> {
                try {
                  out.write(body[next.getAndIncrement()]);
                  out.flush();
                  return false;
                } catch (IOException brokenOff) {
                  return true;
                }
              });
    }

    private void awaitHeld() {
      await().forever().until(() -> held.getCount() == 0);
    }
  }
}
