package org.payerexchange.it;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A payer that answers right, but for one kind of call of each member: those answers are mutated,
 * once, a few times or always. What becomes of a member follows from the seed and its number alone.
 */
final class MutatingPayer implements AutoCloseable {
  /** Stands in every answer where a payer writes of a person. */
  static final String PHI = "Phiona-Secretperson";

  /** No answer that is read into memory is asked for further than this. */
  static final long ENDLESS = 16 * 1024 * 1024;

  private static final Pattern COVERAGE = Pattern.compile("C-(\\d+)-x");
  private static final Pattern IN_PATH = Pattern.compile("/(?:g|j|f)-(\\d+)(?:-\\d)?(?:/|$)");

  /** The kinds of call, in the order in which they come. */
  private enum Kind {
    TOKEN,
    MATCH,
    KICK_OFF,
    STATUS,
    FILE,
    DELETE
  }

  private final long seed;
  private final ServerSocket server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
  private final AtomicLong mutated = new AtomicLong();
  private final AtomicLong longest = new AtomicLong();

  MutatingPayer(long seed) throws IOException {
    this.seed = seed;
    this.server = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
    threads.execute(this::accept);
  }

  String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  /** How many answers were mutated. */
  long mutated() {
    return mutated.get();
  }

  /** How many bytes of an endless answer were taken at most. */
  long longestEndless() {
    return longest.get();
  }

  @Override
  public void close() throws IOException {
    server.close();
    threads.shutdownNow();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        threads.execute(() -> serve(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      client.setSoTimeout(30_000);
      InputStream in = new BufferedInputStream(client.getInputStream());
      OutputStream out = new BufferedOutputStream(client.getOutputStream());
      boolean open = true;
      while (open) {
        String head = head(in);
        if (head.isEmpty()) {
          return;
        }
        Matcher length = Pattern.compile("(?i)content-length: (\\d+)").matcher(head);
        String body =
            new String(
                in.readNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0),
                StandardCharsets.UTF_8);
        String[] line = head.split(" ", 3);
        open = answer(line[0], line[1], body, out);
        out.flush();
      }
    } catch (IOException | UncheckedIOException gone) {
      // the other side has seen enough
    }
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    for (int c = in.read(); c >= 0; c = in.read()) {
      head.append((char) c);
      if (c == '\n' && head.toString().endsWith("\r\n\r\n")) {
        return head.toString();
      }
    }
    return "";
  }

  /** Whether the connection may be used again. */
  private boolean answer(String method, String path, String body, OutputStream out)
      throws IOException {
    Kind kind = kind(method, path);
    Matcher of = kind == Kind.MATCH ? COVERAGE.matcher(body) : IN_PATH.matcher(path);
    int member = of.find() ? Integer.parseInt(of.group(1)) : 0;
    int nth =
        asked.computeIfAbsent(kind + "/" + member, key -> new AtomicInteger()).getAndIncrement();
    Right right = right(kind, path, member, nth);
    if (!isMutated(kind, member, nth)) {
      return write(out, right.status(), right.headers(), right.body());
    }
    mutated.incrementAndGet();
    Random random = new Random(seed * 1_000_003 + member * 31L + kind.name().hashCode() * 7L + nth);
    return mutate(random, kind, right, out);
  }

  private static Kind kind(String method, String path) {
    if (method.equals("DELETE")) {
      return Kind.DELETE;
    }
    if (path.contains("/token")) {
      return Kind.TOKEN;
    }
    if (path.contains("member-match")) {
      return Kind.MATCH;
    }
    if (path.contains("/file/")) {
      return Kind.FILE;
    }
    return path.contains("/Group/") ? Kind.KICK_OFF : Kind.STATUS;
  }

  private boolean isMutated(Kind kind, int member, int nth) {
    if (kind == Kind.TOKEN) {
      return new Random(seed + nth).nextInt(8) == 0;
    }
    Random plan = new Random(seed * 31 + member);
    plan.nextInt();
    Kind bad = Kind.values()[1 + plan.nextInt(Kind.values().length - 1)];
    int times = new int[] {1, 1, 2, 3, Integer.MAX_VALUE}[plan.nextInt(5)];
    return kind == bad && nth < times;
  }

  private record Right(int status, String headers, String text) {
    byte[] body() {
      return bytes(text);
    }
  }

  private Right right(Kind kind, String path, int member, int nth) {
    String job = url() + "/v1/bison/bulk-data/r4/$export/job/j-" + member;
    return switch (kind) {
      case TOKEN -> json("{\"access_token\": \"token-" + nth + "\", \"expires_in\": 2}");
      case MATCH -> json("{\"groupId\": \"g-" + member + "\", \"note\": \"" + PHI + "\"}");
      case KICK_OFF ->
          member % 2 == 0
              ? new Right(202, "Content-Location: " + job + "\r\n", outcome("informational"))
              : new Right(200, "", outcome("informational", "Track job at " + job));
      case STATUS ->
          nth == 0
              ? new Right(
                  202,
                  "X-Progress: 1 of 2 of " + PHI + "\r\nRetry-After: 0\r\n",
                  outcome("informational"))
              : json(
                  """
                  {"transactionTime": "2026-11-20T10:00:00Z", "requiresAccessToken": true,
                   "output": [{"type": "Patient", "url": "%s-1", "count": 1},
                              {"type": "Coverage", "url": "%s-2"}],
                   "error": [], "note": "%s"}
                  """
                      .formatted(fileOf(member), fileOf(member), PHI));
      case FILE ->
          new Right(
              200,
              "Content-Type: application/fhir+ndjson\r\n",
              "{\"resourceType\":\"%s\",\"id\":\"x%d\",\"name\":[{\"family\":\"%s\"}]}\n"
                  .formatted(path.endsWith("-2") ? "Coverage" : "Patient", member, PHI));
      case DELETE -> new Right(202, "", "");
    };
  }

  private String fileOf(int member) {
    return url() + "/v1/bison/bulk-data/r4/$export/file/f-" + member;
  }

  private static Right json(String body) {
    return new Right(200, "Content-Type: application/json\r\n", body);
  }

  private static String outcome(String code) {
    return outcome(code, PHI);
  }

  private static String outcome(String code, String text) {
    return """
        {"resourceType": "OperationOutcome", "issue": [{"severity": "%s", "code": "%s",
         "diagnostics": "%s", "details": {"text": "%s"}}]}
        """
        .formatted(code.equals("informational") ? "information" : "error", code, PHI, text);
  }

  private boolean mutate(Random random, Kind kind, Right right, OutputStream out)
      throws IOException {
    byte[] body = right.body();
    return switch (random.nextInt(16)) {
      case 0 -> false;
      case 1 -> {
        out.write(bytes("HTTP/1.1 200 " + PHI + "\r\nContent-Len"));
        yield false;
      }
      case 2 -> {
        out.write(bytes(PHI.repeat(1 + random.nextInt(50))));
        yield false;
      }
      case 3 -> {
        out.write(
            bytes(
                "HTTP/1.1 %d OK\r\n%sContent-Length: %d\r\n\r\n"
                    .formatted(right.status(), right.headers(), body.length + 100)));
        out.write(body);
        yield false;
      }
      case 4 -> write(out, right.status(), right.headers() + "Content-Encoding: gzip\r\n", body);
      case 5 -> write(out, right.status(), right.headers(), cut(random, body));
      case 6 -> write(out, right.status(), right.headers(), flipped(random, body));
      case 7 -> write(out, status(random), "", bytes(outcome(pick(random, Mutations.CODES))));
      case 8 -> write(out, status(random), pick(random, Mutations.HEADERS), body);
      case 9 -> write(out, right.status(), pick(random, Mutations.HEADERS), new byte[0]);
      case 10 -> write(out, right.status(), "", bytes(pick(random, Mutations.BODIES)));
      case 11 -> write(out, 200, right.headers(), bytes("[".repeat(1 + random.nextInt(30_000))));
      case 12 -> {
        if (kind == Kind.FILE) {
          yield write(out, 200, "", bytes(PHI + "\n"));
        }
        endless(out);
        yield false;
      }
      default -> write(out, right.status(), right.headers(), Mutations.rewritten(random, body));
    };
  }

  /** A JSON text without an end, until nobody reads on. */
  private void endless(OutputStream out) throws IOException {
    out.write(bytes("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"text\": \""));
    byte[] piece = bytes(PHI.repeat(500));
    long sent = 0;
    try {
      while (sent < ENDLESS) {
        out.write(piece);
        sent += piece.length;
      }
    } finally {
      longest.accumulateAndGet(sent, Math::max);
    }
  }

  private static boolean write(OutputStream out, int status, String headers, byte[] body)
      throws IOException {
    out.write(
        bytes(
            "HTTP/1.1 %d %s\r\n%sContent-Length: %d\r\n\r\n"
                .formatted(status, PHI, headers, body.length)));
    out.write(body);
    return true;
  }

  private static byte[] cut(Random random, byte[] body) {
    return Arrays.copyOf(body, body.length == 0 ? 0 : random.nextInt(body.length));
  }

  private static byte[] flipped(Random random, byte[] body) {
    byte[] flipped = body.clone();
    for (int i = 0; i < 1 + body.length / 40 && body.length > 0; i++) {
      flipped[random.nextInt(body.length)] = (byte) random.nextInt(256);
    }
    return flipped;
  }

  private static int status(Random random) {
    return Mutations.STATUSES[random.nextInt(Mutations.STATUSES.length)];
  }

  private static String pick(Random random, List<String> from) {
    return from.get(random.nextInt(from.size()));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
