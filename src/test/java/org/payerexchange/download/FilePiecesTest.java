package org.payerexchange.download;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.files.FileHash;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.NewFile;
import org.payerexchange.ledger.store.LedgerDatabase;
import org.payerexchange.ledger.store.OperatorLedger;
import org.payerexchange.ledger.store.Pauses;
import org.payerexchange.support.Gateway;
import org.payerexchange.support.ReadyExports;
import org.payerexchange.support.TestBundle;

/** Files that a payer sends piece by piece: each answer is a 206 with less than was asked for. */
class FilePiecesTest {
  private static final Gateway GATEWAY = new Gateway();
  private static final String FORM = "{\"resourceType\":\"Patient\",\"id\":\"p%06d\"}\n";
  private static final int LINE = FORM.formatted(0).length();
  private static final int PIECE = 2000 * LINE;
  private static final int LIMIT = 5 * 1024 * 1024;

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
            .set(
                "p2p.payers.bison.trusted-hosts",
                "localhost,127.0.0.1:" + files.getAddress().getPort())
            .set("p2p.download.max-transfer-bytes", "5MB")
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
  void aFileInFortyPiecesComesInOneStepAndIsReadOnce() throws Exception {
    byte[] body = patients(40 * PIECE);
    Pieces server = new Pieces(body);

    String id = transfer(server);

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(stored(id)).hasBinaryContent(body);
    assertThat(column(id, "sha256")).containsExactly(FileHash.sha256(stored(id)));
    assertThat(column(id, "bytes")).containsExactly(String.valueOf(body.length));
    assertThat(server.ranges)
        .isEqualTo(
            IntStream.range(0, 40)
                .mapToObj(n -> n == 0 ? "none" : "bytes=%s-".formatted(n * PIECE))
                .toList());
    assertThat(server.parts).as("a part has the name of its lease").hasSize(1);
    assertThat(retries(id)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anotherVersionInTheMiddleStartsOver(boolean heedsIfRange) throws Exception {
    byte[] before = patients(10 * PIECE);
    byte[] after = new String(before, UTF_8).replace("\"p", "\"q").getBytes(UTF_8);
    Pieces server = new Pieces(before);
    server.heedsIfRange = heedsIfRange;
    server.before =
        number -> {
          if (number == 5) {
            server.body = after;
            server.tag = "\"v2\"";
          }
        };

    String id = transfer(server);

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(stored(id)).hasBinaryContent(after);
    assertThat(column(id, "sha256")).containsExactly(FileHash.sha256(stored(id)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPieceOfAFileWhoseLengthIsNotToldIsNotTheWholeFile(boolean smallAtTheEnd) throws Exception {
    byte[] body = patients(4 * PIECE + (smallAtTheEnd ? LINE : 0));
    Pieces server = new Pieces(body);
    server.tellsTotal = false;

    String id = transfer(server);

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(stored(id)).hasBinaryContent(body);
    assertThat(server.ranges).endsWith("bytes=%s-".formatted(body.length));
    assertThat(retries(id)).isEmpty();
  }

  @Test
  void theRestOfABrokenFileIsNotTakenForWholeBecauseItsLengthIsNotTold() throws Exception {
    byte[] body = patients(4 * PIECE);
    Pieces server = new Pieces(body);
    server.tellsTotal = false;
    server.breaksFirst = true;

    String id = transfer(server);

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(stored(id)).hasBinaryContent(body);
  }

  @Test
  void aPieceThatIsPackedIsAskedForUnpacked() throws Exception {
    byte[] body = patients(4 * PIECE);
    Pieces server = new Pieces(body);
    server.packs = true;

    String id = transfer(server);

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(stored(id)).hasBinaryContent(body);
    assertThat(server.ranges).startsWith("none", "none").hasSize(5);
    assertThat(retries(id)).isEmpty();
  }

  /** Object stores send what a file was stored with. */
  @ParameterizedTest
  @ValueSource(strings = {"UTF-8", "aws-chunked", "identity"})
  void piecesWithAContentEncodingThatIsNoneAreGoneOnWith(String coding) throws Exception {
    byte[] body = patients(4 * PIECE);
    Pieces server = new Pieces(body);
    server.coding = coding;

    String id = transfer(server);

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(stored(id)).hasBinaryContent(body);
    assertThat(server.ranges).hasSize(4);
  }

  @Test
  void aPieceThatIsTheWholeFileInACodingThatCannotBeUnpackedSaysSo() throws Exception {
    Pieces server = new Pieces(new byte[] {0x5b, (byte) 0x86, 0, (byte) 0xf8, 0x25, 0, 0x22});
    server.coding = "br";

    String id = transfer(server);

    bundle.awaitEnd(id, "FAILED");
    assertThat(column(id, "reason")).containsExactly("FILE_INVALID");
    assertThat(column(id, "detail"))
        .containsExactly(
            "the file is packed by br, which was not asked for and cannot be unpacked");
    assertThat(server.ranges).containsExactly("none");
  }

  @Test
  void aPieceThatIsTheWholeFileIsTakenThoughItIsPackedAndNothingTellsItsVersion() throws Exception {
    byte[] body = patients(PIECE);
    Pieces server = new Pieces(body);
    server.packs = true;
    server.tag = "";

    String id = transfer(server);

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(stored(id)).hasBinaryContent(body);
    assertThat(server.ranges).containsExactly("none");
  }

  @Test
  void whatHasComeIsKeptWhereThePayerRefusesTheNextPiece() throws Exception {
    byte[] body = patients(6 * PIECE);
    Pieces server = new Pieces(body);
    server.refused = Set.of(3);

    String id = transfer(server);

    bundle.awaitEnd(id, "COMPLETE");
    assertThat(stored(id)).hasBinaryContent(body);
    assertThat(server.ranges)
        .containsOnlyOnce("none")
        .containsOnlyOnce("bytes=%s-".formatted(PIECE));
    assertThat(server.ranges).hasSize(7);
    assertThat(retries(id)).hasSize(1);
  }

  @Test
  void whoSendsAByteAtATimeIsNotAskedForEver() throws Exception {
    byte[] body = patients(PIECE);
    Pieces server = new Pieces(body);
    server.size = 1;

    String id = transfer(server);

    await()
        .atMost(2, TimeUnit.MINUTES)
        .untilAsserted(() -> assertThat(retries(id)).hasSizeGreaterThanOrEqualTo(3));
    int asked = server.ranges.size();
    assertThat(asked).isLessThanOrEqualTo(2 * (retries(id).size() + 1));
    server.size = PIECE;
    bundle.awaitEnd(id, "COMPLETE");
    assertThat(stored(id)).hasBinaryContent(body);
  }

  @Test
  void piecesCountTogetherForWhatATransferMayBring() throws Exception {
    Pieces server = new Pieces(patients(2 * LIMIT));

    String id = transfer(server);

    bundle.awaitEnd(id, "FAILED");
    assertThat(column(id, "reason")).containsExactly("TOO_LARGE");
    assertThat(column(id, "detail").get(0)).contains("p2p.download.max-transfer-bytes");
    assertThat(server.ranges).hasSizeBetween(LIMIT / PIECE, LIMIT / PIECE + 2);
  }

  /** No piece takes so long that its own speed would be looked at. */
  @Test
  void piecesThatComeTooSlowlyTogetherAreBrokenOff() throws Exception {
    byte[] body = patients(8 * PIECE);
    Pieces server = new Pieces(body);
    server.pauseMillis = 500;
    try (TestBundle own =
        ReadyExports.bundle(folder.resolve("slow"), GATEWAY)
            .set("p2p.payers.bison.trusted-hosts", "127.0.0.1:" + files.getAddress().getPort())
            .set("p2p.download.min-bytes-per-second", "1000000")
            .set("p2p.download.slow-after", "2s")
            .start()) {
      String id =
          ReadyExports.in(own)
              .of(new NewFile(FileKind.OUTPUT, "Patient", server.url(), false, null));

      own.awaitEnd(id, "COMPLETE");
      assertThat(own.column("SELECT what FROM transfer_event WHERE what = 'RETRY_LATER'"))
          .isNotEmpty();
    }
  }

  @Test
  void noPieceIsAskedForOnceTheTransferIsCancelled() throws Exception {
    CompletableFuture<String> transfer = new CompletableFuture<>();
    Pieces server = new Pieces(patients(10 * PIECE));
    server.before =
        number -> {
          if (number == 3) {
            cancel(transfer.join());
          }
        };

    transfer.complete(transfer(server));

    bundle.awaitEnd(transfer.join(), "CANCELLED");
    await()
        .atMost(1, TimeUnit.MINUTES)
        .until(() -> bundle.context().getInflightRepository().size() == 0);
    assertThat(server.ranges).hasSize(3);
    assertThat(bundle.incoming(transfer.join())).doesNotExist();
    assertThat(stored(transfer.join())).doesNotExist();
  }

  @Test
  void noPieceIsAskedForWhileThePayerIsPausedAndTheRestComesAfterwards() throws Exception {
    byte[] body = patients(6 * PIECE);
    Pieces server = new Pieces(body);
    Pauses pauses = new Pauses(bundle.bean("ledgerDatabase", LedgerDatabase.class));
    server.before =
        number -> {
          if (number == 3) {
            pauses.pause(TokenClient.Kind.PAYER, "bison", "alice");
          }
        };

    String id = transfer(server);

    await()
        .atMost(1, TimeUnit.MINUTES)
        .untilAsserted(
            () ->
                assertThat(
                        bundle.column(
                            "SELECT kind FROM step WHERE transfer_id = ? AND lease_until IS NULL",
                            id))
                    .containsExactly("DOWNLOAD"));
    assertThat(server.ranges).hasSize(3);
    pauses.resume(TokenClient.Kind.PAYER, "bison", "alice");
    bundle.awaitEnd(id, "COMPLETE");
    assertThat(stored(id)).hasBinaryContent(body);
    assertThat(server.ranges).hasSize(6).doesNotHaveDuplicates();
    assertThat(retries(id)).isEmpty();
  }

  private static void cancel(String id) {
    bundle.bean("operatorLedger", OperatorLedger.class).cancel(id, "alice");
    await().atMost(1, TimeUnit.MINUTES).until(() -> Files.notExists(bundle.incoming(id)));
  }

  /** Lines of one length, as many as that many bytes hold. */
  private static byte[] patients(int bytes) {
    return IntStream.range(0, bytes / LINE)
        .mapToObj(FORM::formatted)
        .collect(Collectors.joining())
        .getBytes(UTF_8);
  }

  private static String transfer(Pieces server) {
    return ReadyExports.in(bundle)
        .of(new NewFile(FileKind.OUTPUT, "Patient", server.url(), false, null));
  }

  private static Path stored(String id) {
    return bundle.outbox().resolve("bison").resolve(id).resolve("Patient-1.ndjson");
  }

  private static List<String> column(String id, String name) {
    return bundle.column("SELECT %s FROM output_file WHERE transfer_id = ?".formatted(name), id);
  }

  private static List<String> retries(String id) {
    return bundle.column(
        "SELECT what FROM transfer_event WHERE transfer_id = ? AND what = 'RETRY_LATER'", id);
  }

  /** What happens before an answer, of which this is the number. */
  private interface Before {
    void answer(int number);
  }

  /** A file server that never sends more than a piece of whole lines. */
  private static final class Pieces {
    final List<String> ranges = new CopyOnWriteArrayList<>();
    final Set<String> parts = ConcurrentHashMap.newKeySet();
    volatile byte[] body;
    volatile String tag = "\"v1\"";
    volatile int size = PIECE;
    volatile boolean heedsIfRange = true;
    volatile boolean tellsTotal = true;
    volatile boolean breaksFirst;
    volatile boolean packs;
    volatile String coding;
    volatile long pauseMillis;
    volatile Set<Integer> refused = Set.of();
    volatile Before before = number -> {};
    private final String path = "/" + UUID.randomUUID();

    Pieces(byte[] body) {
      this.body = body;
      files.createContext(path, this::answer);
    }

    String url() {
      return "http://127.0.0.1:" + files.getAddress().getPort() + path;
    }

    private void answer(HttpExchange exchange) throws IOException {
      try (exchange) {
        String range = exchange.getRequestHeaders().getFirst("Range");
        ranges.add(Objects.requireNonNullElse(range, "none"));
        notePart();
        before.answer(ranges.size());
        String known = exchange.getRequestHeaders().getFirst("If-Range");
        boolean changed = heedsIfRange && known != null && !known.equals(tag);
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        exchange.getResponseHeaders().add("ETag", tag);
        if (refused.contains(ranges.size())) {
          exchange.sendResponseHeaders(500, -1);
        } else if (changed) {
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
        } else if (breaksFirst && ranges.size() == 1) {
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body, 0, PIECE / 2);
          exchange.getResponseBody().flush();
        } else if (from >= body.length) {
          exchange.getResponseHeaders().add("Content-Range", "bytes */" + body.length);
          exchange.sendResponseHeaders(416, -1);
        } else {
          send(exchange, from);
        }
      }
    }

    private void send(HttpExchange exchange, int from) throws IOException {
      byte[] piece = Arrays.copyOfRange(body, from, Math.min(body.length, from + size));
      String total = tellsTotal ? String.valueOf(body.length) : "*";
      Headers headers = exchange.getResponseHeaders();
      headers.add(
          "Content-Range", "bytes %s-%s/%s".formatted(from, from + piece.length - 1, total));
      if (coding != null) {
        headers.add("Content-Encoding", coding);
      }
      String accepted = exchange.getRequestHeaders().getFirst("Accept-Encoding");
      if (packs && accepted != null && accepted.contains("gzip")) {
        headers.add("Content-Encoding", "gzip");
        piece = packed(piece);
      }
      exchange.sendResponseHeaders(206, piece.length);
      exchange.getResponseBody().write(piece, 0, 1);
      exchange.getResponseBody().flush();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pauseMillis));
      exchange.getResponseBody().write(piece, 1, piece.length - 1);
    }

    private void notePart() throws IOException {
      Path incoming = bundle.outbox().resolve(".incoming");
      if (ranges.size() > 1 && Files.isDirectory(incoming)) {
        try (Stream<Path> all = Files.walk(incoming)) {
          all.map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".part"))
              .forEach(parts::add);
        }
      }
    }

    private static byte[] packed(byte[] content) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
        gzip.write(content);
      }
      return bytes.toByteArray();
    }
  }
}
