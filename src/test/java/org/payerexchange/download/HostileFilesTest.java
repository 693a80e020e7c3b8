package org.payerexchange.download;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.NewFile;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.ReadyExports;
import org.payerexchange.support.TestBundle;

/** Files that would fill a disk. */
class HostileFilesTest {
  private static final Gateway GATEWAY = new Gateway();
  private static final byte[] LINE =
      "{\"resourceType\":\"Patient\",\"id\":\"p\"}\n".getBytes(UTF_8);
  private static final int MEGABYTE = 1024 * 1024;

  @TempDir static Path folder;
  private static HttpServer files;
  private static TestBundle bundle;

  @BeforeAll
  static void start() throws Exception {
    GATEWAY.start();
    files = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    files.setExecutor(Executors.newCachedThreadPool());
    files.start();
    bundle =
        ReadyExports.bundle(folder, GATEWAY)
            .set("p2p.payers.bison.trusted-hosts", "127.0.0.1:" + files.getAddress().getPort())
            .set("p2p.download.max-file-bytes", "30MB")
            .set("p2p.download.max-transfer-bytes", "40MB")
            .start();
  }

  @AfterAll
  static void stop() {
    bundle.close();
    files.stop(0);
    ((ExecutorService) files.getExecutor()).shutdownNow();
    GATEWAY.stop();
  }

  @Test
  void aFileThatUnpacksToAThousandTimesItsSizeIsGivenUpAtTheRatio() throws Exception {
    byte[] bomb = packed(25 * MEGABYTE);
    assertThat(bomb.length).isLessThan(125_000);

    String id =
        transfer(
            exchange -> {
              exchange.getResponseHeaders().add("Content-Encoding", "gzip");
              exchange.sendResponseHeaders(200, bomb.length);
              exchange.getResponseBody().write(bomb);
            });

    failed(
        id, "the answer unpacks to more than 200 times its size (p2p.download.max-unpack-ratio)");
  }

  @Test
  void aPackedFileBelowTheRatioIsWelcome() throws Exception {
    byte[] file = packed(9 * MEGABYTE);

    String id =
        transfer(
            exchange -> {
              exchange.getResponseHeaders().add("Content-Encoding", "gzip");
              exchange.sendResponseHeaders(200, file.length);
              exchange.getResponseBody().write(file);
            });

    bundle.awaitEnd(id, "COMPLETE");
  }

  @Test
  void aFileWithoutEndIsGivenUpAtItsBound() throws Exception {
    String id = transfer(exchange -> send(exchange, Long.MAX_VALUE));

    failed(id, "the file has more than 30MB (p2p.download.max-file-bytes)");
  }

  /** Whoever only ends the exchange reads such an answer to its end. */
  @ParameterizedTest
  @MethodSource("noGzip")
  void aFileWithoutEndThatOnlyBeginsAsGzipIsGivenUpAtOnce(int status, byte[] beginning)
      throws Exception {
    CompletableFuture<Void> givenUp = new CompletableFuture<>();

    String id =
        transfer(
            exchange -> {
              exchange.getResponseHeaders().add("Content-Range", "bytes 0-99999/100000");
              exchange.sendResponseHeaders(status, 0);
              try {
                exchange.getResponseBody().write(beginning);
                send(exchange.getResponseBody(), Long.MAX_VALUE);
              } catch (IOException closed) {
                givenUp.complete(null);
              }
            });

    assertThat(givenUp).succeedsWithin(Duration.ofMinutes(1));
    await()
        .atMost(1, TimeUnit.MINUTES)
        .untilAsserted(
            () ->
                assertThat(rows(id))
                    .singleElement()
                    .satisfies(
                        row ->
                            assertThat(row)
                                .containsEntry("reason", "PAYER_UNAVAILABLE")
                                .hasEntrySatisfying(
                                    "detail",
                                    detail -> assertThat(detail.toString()).contains("gzip"))));
    bundle.jdbc().sql("DELETE FROM step WHERE transfer_id = ?").param(id).update();
  }

  static List<Arguments> noGzip() {
    byte[] compress = {0x1f, (byte) 0x9d, 16};
    byte[] headerWithoutEnd = {0x1f, (byte) 0x8b, 8, 8, 0, 0, 0, 0, 0, 0};
    return List.of(
        Arguments.of(200, compress),
        Arguments.of(206, compress),
        Arguments.of(200, headerWithoutEnd),
        Arguments.of(200, packed(compress)));
  }

  @Test
  void filesThatAreTooMuchTogetherAreGivenUpAtTheTransfersBound() throws Exception {
    HttpHandler file = exchange -> send(exchange, 15 * MEGABYTE);

    String id = transfer(file, file, file);

    bundle.awaitEnd(id, "FAILED");
    assertThat(rows(id))
        .filteredOn(row -> "TOO_LARGE".equals(row.get("reason")))
        .isNotEmpty()
        .allSatisfy(
            row ->
                assertThat(row)
                    .containsEntry("state", "FAILED")
                    .containsEntry(
                        "detail",
                        "the transfer's files have more than 40MB (p2p.download.max-transfer-bytes)"));
    assertThat(left(id)).isEmpty();
  }

  private static String transfer(HttpHandler... handlers) {
    NewFile[] outputs =
        Stream.of(handlers)
            .map(
                handler -> {
                  String path = "/" + UUID.randomUUID();
                  files.createContext(
                      path,
                      exchange -> {
                        try (exchange) {
                          handler.handle(exchange);
                        }
                      });
                  return new NewFile(
                      FileKind.OUTPUT,
                      "Patient",
                      "http://127.0.0.1:" + files.getAddress().getPort() + path,
                      false,
                      null);
                })
            .toArray(NewFile[]::new);
    return ReadyExports.in(bundle).of(outputs);
  }

  private static void send(HttpExchange exchange, long bytes) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    send(exchange.getResponseBody(), bytes);
  }

  private static void send(OutputStream out, long bytes) throws IOException {
    byte[] block = lines(64 * 1024);
    for (long sent = 0; sent < bytes; sent += block.length) {
      out.write(block);
    }
  }

  private static void failed(String id, String detail) throws IOException {
    bundle.awaitEnd(id, "FAILED");
    assertThat(rows(id))
        .singleElement()
        .satisfies(
            row ->
                assertThat(row)
                    .containsEntry("state", "FAILED")
                    .containsEntry("reason", "TOO_LARGE")
                    .containsEntry("detail", detail));
    assertThat(left(id)).isEmpty();
  }

  private static List<Map<String, Object>> rows(String id) {
    return bundle
        .jdbc()
        .sql("SELECT state, reason, detail FROM output_file WHERE transfer_id = ?")
        .param(id)
        .query()
        .listOfRows();
  }

  /** What is half received of a transfer. */
  private static List<Path> left(String id) throws IOException {
    Path incoming = bundle.incoming(id);
    if (!Files.isDirectory(incoming)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(incoming)) {
      return entries.toList();
    }
  }

  private static byte[] lines(int bytes) {
    ByteArrayOutputStream lines = new ByteArrayOutputStream(bytes);
    while (lines.size() < bytes) {
      lines.writeBytes(LINE);
    }
    return lines.toByteArray();
  }

  private static byte[] packed(byte[] content) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(content);
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
    return packed.toByteArray();
  }

  private static byte[] packed(int bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      for (byte[] block = lines(64 * 1024); bytes > 0; bytes -= block.length) {
        gzip.write(block);
      }
    }
    return packed.toByteArray();
  }
}
