package org.payerexchange.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.ledger.store.TransferLedger;
import org.payerexchange.support.PlainRecord;
import org.payerexchange.support.TestBundle;

/** Ten thousand requests that nobody in his right mind sends, each over its own connection. */
class OpsFuzzTest {
  private static final int REQUESTS = 10_000;
  private static final long SEED = 20261123;
  private static final String PHI = "Phiona-Secretperson";
  private static final List<String> METHODS =
      List.of(
          "GET", "GET", "POST", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "X");
  private static final List<String> PARAMETERS =
      List.of(
          "status",
          "payer",
          "source",
          "page",
          "size",
          "include",
          "reason",
          "id",
          "x",
          "state",
          "sink",
          "requestId",
          "batch",
          "receivedFrom",
          "receivedUntil");
  private static final List<String> TYPES =
      List.of(
          "application/json",
          "application/fhir+json",
          "application/x-ndjson",
          "text/csv",
          "text/plain",
          "multipart/form-data; boundary=x",
          "application/x-www-form-urlencoded",
          "/",
          "");
  private static final List<String> PIECES =
      List.of(
          "..",
          "%2e%2e%2f",
          "%00",
          "%ff%fe",
          "%",
          "%zz",
          "'%20OR%20'1'='1",
          "';DROP%20TABLE%20transfer;--",
          "${body}",
          "$%7Benv:HOME%7D",
          "{{p2p.database.password}}",
          "-1",
          "99999999999999999999",
          "2147483647",
          "NaN",
          "FAILED,COMPLETE",
          "request",
          "retry",
          "cancel",
          "bison",
          "%E2%82%AC",
          "%F0%9F%92%A9",
          "<script>",
          "\\",
          ";",
          ":",
          "*");

  /** Valid, and far from what any database knows. */
  private static final List<String> FAR_TIMES =
      List.of(
          "%2B999999999-12-31T23:59:59Z",
          "-999999999-01-01T00:00:00Z",
          "%2B300000-01-01T00:00:00Z",
          "-5000-01-01T00:00:00Z",
          "0000-01-01",
          "9999-12-31T23:59:59-18:00");

  @TempDir static Path folder;
  private static TestBundle bundle;
  private static String id;

  @BeforeAll
  static void start() throws Exception {
    bundle = TestBundle.in(folder).payer("bison", "http://127.0.0.1:1").ops().start();
    bundle.context().getRouteController().stopRoute("match-member");
    id =
        bundle
            .bean("transferLedger", TransferLedger.class)
            .register(
                List.of(
                    PlainRecord.of(
                        "test.json",
                        1,
                        "R-1",
                        "bison",
                        "0".repeat(64),
                        "{\"family\":\"" + PHI + "\"}",
                        LocalDate.of(2099, 12, 31))))
            .get(0)
            .transferId();
  }

  @AfterAll
  static void stop() {
    bundle.close();
  }

  @Test
  void noMalformedRequestIsAnsweredWithAServerErrorOrWithWhatIsNotForItsEyes() throws Exception {
    Random random = new Random(SEED);
    Map<String, Integer> counts = new TreeMap<>();
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      byte[] request = request(random);
      String answer = send(request);
      String status =
          answer.isEmpty() ? "none" : answer.replaceFirst("(?s)^HTTP/1.[01] (\\d+).*", "$1");
      counts.merge(status, 1, Integer::sum);
      if (status.startsWith("5") || answer.contains(PHI) || answer.contains("\tat ")) {
        wrong.add(new String(request, StandardCharsets.ISO_8859_1) + "\n=> " + answer);
      }
    }
    System.out.println("answers to " + REQUESTS + " malformed requests: " + counts);

    assertThat(wrong).isEmpty();
    assertThat(counts).containsKeys("400", "404");
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () ->
                assertThat(
                        send(
                            "GET /api/transfers/%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                                .formatted(id)
                                .getBytes(StandardCharsets.US_ASCII)))
                    .startsWith("HTTP/1.1 200"));
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() -> assertThat(bundle.context().getInflightRepository().size()).isZero());
  }

  private static byte[] request(Random random) {
    byte[] body = body(random);
    StringBuilder head = new StringBuilder();
    head.append(pick(random, METHODS)).append(' ').append(path(random));
    if (random.nextInt(3) > 0) {
      head.append('?').append(query(random));
    }
    head.append(" HTTP/1.1\r\nConnection: close\r\nHost: ")
        .append(random.nextInt(20) > 0 ? "localhost" : junk(random, 10))
        .append("\r\n");
    if (random.nextBoolean()) {
      head.append("P2P-Actor: ").append(junk(random, 5)).append("\r\n");
    }
    if (random.nextInt(4) == 0) {
      head.append("Authorization: Bearer ").append(junk(random, 5)).append("\r\n");
    }
    if (random.nextInt(20) == 0) {
      head.append("Origin: http://").append(junk(random, 3)).append("\r\n");
    }
    if (random.nextInt(20) == 0) {
      head.append("Camel")
          .append(junk(random, 1))
          .append(": ")
          .append(junk(random, 2))
          .append("\r\n");
    }
    head.append("Content-Type: ").append(pick(random, TYPES)).append("\r\n");
    head.append("Content-Length: ").append(length(random, body.length)).append("\r\n\r\n");
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    whole.writeBytes(body);
    return whole.toByteArray();
  }

  private static String length(Random random, int right) {
    return switch (random.nextInt(100)) {
      case 0 -> String.valueOf(random.nextInt(right + 1));
      case 1 -> "-" + right;
      case 2 -> junk(random, 2);
      case 3 -> "9".repeat(random.nextInt(10, 40));
      default -> String.valueOf(right);
    };
  }

  private static String path(Random random) {
    return switch (random.nextInt(9)) {
      case 0 -> "/api/transfers";
      case 1 -> "/api/transfers/retry";
      case 2 -> "/api/transfers/" + junk(random, 3) + "/retry";
      case 3 -> "/api/transfers/" + junk(random, 3) + "/cancel";
      case 4 -> "/api/transfers/" + id.substring(0, random.nextInt(id.length()));
      case 5 -> "/observe/" + junk(random, 2);
      case 6 -> "/" + junk(random, 4);
      case 7 ->
          "/api/" + pick(random, List.of("actions", "payers", "sinks", "overview", "openapi.json"));
      default -> "/api/transfers/" + junk(random, 40);
    };
  }

  private static String query(Random random) {
    if (random.nextInt(20) == 0) {
      return pick(random, List.of("receivedFrom", "receivedUntil", "since"))
          + "="
          + pick(random, FAR_TIMES);
    }
    return IntStream.rangeClosed(0, random.nextInt(4))
        .mapToObj(i -> pick(random, PARAMETERS) + "=" + junk(random, 4))
        .collect(Collectors.joining("&"));
  }

  private static String junk(Random random, int most) {
    StringBuilder junk = new StringBuilder();
    for (int pieces = random.nextInt(most + 1); pieces >= 0; pieces--) {
      if (random.nextInt(30) == 0) {
        junk.append(String.valueOf((char) ('a' + random.nextInt(26))).repeat(random.nextInt(5000)));
      } else if (random.nextBoolean()) {
        junk.append(pick(random, PIECES));
      } else {
        junk.append((char) (33 + random.nextInt(94)));
      }
    }
    return junk.toString();
  }

  private static byte[] body(Random random) {
    String record =
        "{\"payer\":\"bison\",\"requestId\":\"R\",\"memberId\":\"M\",\"given\":\"%s\",\"birthDate\":"
            .formatted(PHI);
    return switch (random.nextInt(8)) {
      case 0 -> new byte[0];
      case 1 ->
          random
              .ints(random.nextInt(300))
              .collect(ByteArrayOutputStream::new, (out, b) -> out.write(b), (one, other) -> {})
              .toByteArray();
      case 2 -> "[".repeat(random.nextInt(20_000)).getBytes(StandardCharsets.UTF_8);
      case 3 ->
          record.substring(0, random.nextInt(record.length())).getBytes(StandardCharsets.UTF_8);
      case 4 -> (record + junk(random, 3) + "}").getBytes(StandardCharsets.UTF_8);
      case 6 ->
          "{\"action\":\"now\",\"filter\":{\"%s\":\"%s\"}}"
              .formatted(pick(random, PARAMETERS), junk(random, 2))
              .getBytes(StandardCharsets.UTF_8);
      case 5 -> ("payer,requestId\n" + junk(random, 20)).getBytes(StandardCharsets.UTF_8);
      default ->
          ("{\"resourceType\":\"Parameters\",\"parameter\":[" + junk(random, 3))
              .getBytes(StandardCharsets.UTF_8);
    };
  }

  private static String pick(Random random, List<String> from) {
    return from.get(random.nextInt(from.size()));
  }

  /** The answer; empty if there is none: the connection was closed, or the body waited for. */
  private static String send(byte[] request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), bundle.opsUrl().getPort())) {
      socket.setSoTimeout(200);
      socket.getOutputStream().write(request);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (SocketException | SocketTimeoutException unanswered) {
      return "";
    }
  }
}
