package org.payerexchange.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.zip.GZIPOutputStream;

/**
 * Serves the NDJSON files. Not a Camel route: it must be able to break off, to dawdle, to hold all
 * responses to a bandwidth and to cost less than its clients, and so writes to the response itself.
 */
final class FileHandler implements Handler<RoutingContext> {
  /** Before the paths of the store. */
  static final String STORE = "/store";

  private static final Set<Fault> PACKED =
      EnumSet.of(Fault.GZIP_MEMBERS, Fault.GZIP_CUT, Fault.GZIP_AT_REST);

  private final SandboxOptions options;
  private final BiFunction<String, String, Optional<Job>> jobs;
  private final TokenServer tokens;
  private final Faults faults;
  private final Set<String> asked = ConcurrentHashMap.newKeySet();
  private final RequestLog log;
  private final Bandwidth bandwidth;
  private volatile int storePort;

  /**
   * @param jobs finds a job by its tenant and its id
   */
  FileHandler(
      SandboxOptions options,
      BiFunction<String, String, Optional<Job>> jobs,
      TokenServer tokens,
      Faults faults,
      RequestLog log) {
    this.faults = faults;
    this.options = options;
    this.jobs = jobs;
    this.tokens = tokens;
    this.log = log;
    this.bandwidth = new Bandwidth(options.bytesPerSecond());
  }

  /** Where the store listens, before anything is asked for. */
  void storeAt(int port) {
    storePort = port;
  }

  @Override
  public void handle(RoutingContext context) {
    Optional<FilePath> name = FilePath.parse(context.pathParam("file"));
    Optional<Job> job = name.flatMap(n -> jobs.apply(context.pathParam("tenant"), n.jobId()));
    int earlierRequests = job.map(Job::fileRequest).orElse(0);
    if (earlierRequests == 1 && job.get().served().scenario() == Scenario.TOKEN_EXPIRES) {
      tokens.expireAll();
    }
    if (faults.isDue(Fault.FILE_ENDS_TOKENS) && asked.add(context.request().path())) {
      tokens.expireAll();
    }
    boolean signed = context.request().getParam(FilePath.SIGNATURE) != null;
    String authorization = context.request().getHeader("Authorization");
    String certificate = context.request().getHeader(ClientCertificate.HEADER);
    boolean open = job.isPresent() && job.get().served().open();
    if (open && authorization != null) {
      refuse(context, 400, "invalid", "A token is not to be sent where none is required");
    } else if (signed && authorization != null) {
      refuse(context, 400, "invalid", "Only one way to authorize is allowed");
    } else if (signed && name.isPresent() && name.get().manifest() == 1) {
      refuse(context, 403, "expired", "The signature has expired");
    } else if (!signed && !open && !tokens.isGood(authorization, certificate)) {
      refuse(context, 401, "login", "Unauthorized");
    } else if (job.isPresent() && job.get().has(Fault.REDIRECTED)) {
      redirect(context);
    } else {
      serve(context, name, job);
    }
  }

  /** Serves a file to whom the gateway has sent here. */
  void fromStore(RoutingContext context) {
    if (context.request().getHeader("Authorization") != null) {
      log.received(RequestKind.UNEXPECTED, "a token at the store");
      refuse(context, 400, "invalid", "A token is not to be sent here");
      return;
    }
    Optional<FilePath> name = FilePath.parse(context.pathParam("file"));
    serve(context, name, name.flatMap(n -> jobs.apply(context.pathParam("tenant"), n.jobId())));
  }

  private void redirect(RoutingContext context) {
    HttpServerRequest request = context.request();
    String to =
        "http://%s:%d%s%s".formatted(request.authority().host(), storePort, STORE, request.path());
    context.response().setStatusCode(307).putHeader("Location", to).end();
  }

  private void serve(RoutingContext context, Optional<FilePath> name, Optional<Job> job) {
    if (job.isEmpty() || name.get().index() >= job.get().files().size()) {
      refuse(context, 404, "not-found", "File not found");
    } else if (isExpired(job.get(), name.get(), Gate.faultOf(context))) {
      refuse(context, 410, "expired", "The link has expired");
    } else {
      send(context, job.get(), name.get());
    }
  }

  private boolean isExpired(Job job, FilePath name, Optional<Fault> fault) {
    boolean firstManifest = name.manifest() == 1;
    return (job.has(Fault.LINKS_EXPIRE)
            && options.clock().instant().isAfter(job.keptUntil(name.manifest())))
        || (job.has(Fault.LINKS_BREAK)
            && job.wasAskedFor(name.index())
            && job.expires(name.manifest()))
        || fault.filter(Fault.FILE_EXPIRED::equals).isPresent()
        || (firstManifest && job.served().scenario() == Scenario.FILES_EXPIRE)
        || (job.has(Fault.PAGE_EXPIRES)
            && ManifestPage.holds(ManifestPage.SECOND, name.index(), job.files().size())
            && job.expires(name.manifest()));
  }

  private void send(RoutingContext context, Job job, FilePath name) {
    Content content =
        (name.index() == FilePath.ERRORS ? Exports.errors() : job.files().get(name.index()))
            .asked(context.request().getHeader("Accept"));
    if (name.index() != FilePath.ERRORS) {
      content = Marks.of(job::has).on(content);
    }
    Optional<Fault> fault = Gate.faultOf(context);
    if (fault.isPresent() && content instanceof StoredContent) {
      content = changed(content, fault.get());
    }
    HttpServerRequest request = context.request();
    HttpServerResponse response = context.response();
    String etag = "\"%s-%d\"".formatted(job.id(), name.index());
    response
        .putHeader("Content-Type", content.mediaType())
        .putHeader("ETag", etag)
        .putHeader("Accept-Ranges", options.ranges() ? "bytes" : "none");
    long from = 0;
    long to = content.length();
    boolean packed = fault.filter(PACKED::contains).isPresent();
    if (packed && fault.get() != Fault.GZIP_AT_REST) {
      response.putHeader("Content-Encoding", "gzip");
    }
    if (!packed && options.ranges() && isRangeWanted(request, etag)) {
      Optional<ByteRange> range = ByteRange.parse(request.getHeader("Range"), content.length());
      if (range.isEmpty()) {
        response.putHeader("Content-Range", "bytes */" + content.length());
        refuse(context, 416, "invalid", "Range not satisfiable");
        return;
      }
      log.resumed(name);
      from = range.get().from();
      to = range.get().to();
      response
          .setStatusCode(206)
          .putHeader("Content-Range", "bytes %d-%d/%d".formatted(from, to - 1, content.length()));
    } else if (!packed && isGzipWanted(request, content)) {
      content =
          new StoredContent(content.resourceType(), content.resources(), gzip(bytes(content)));
      to = content.length();
      response.putHeader("Content-Encoding", "gzip");
    }
    if (job.served().chunked() || fault.filter(Fault.GZIP_MEMBERS::equals).isPresent()) {
      response.setChunked(true);
    } else {
      response.putHeader("Content-Length", Long.toString(to - from));
    }
    new Sending(context, content, name, from, to, breakAt(context, job, name, from, to)).go();
  }

  private static long breakAt(RoutingContext context, Job job, FilePath name, long from, long to) {
    boolean breaks =
        Gate.faultOf(context).filter(Fault.TRUNCATE::equals).isPresent()
            || ((job.served().scenario() == Scenario.RESET || job.has(Fault.LINKS_BREAK))
                && job.isFirstRequestOf(name.index()));
    return breaks ? from + (to - from) / 2 : Long.MAX_VALUE;
  }

  private static boolean isRangeWanted(HttpServerRequest request, String etag) {
    String condition = request.getHeader("If-Range");
    return request.getHeader("Range") != null && (condition == null || condition.equals(etag));
  }

  private boolean isGzipWanted(HttpServerRequest request, Content content) {
    String accepted = request.getHeader("Accept-Encoding");
    return options.gzip()
        && content instanceof StoredContent
        && accepted != null
        && accepted.contains("gzip");
  }

  /** What a fault makes of a small file; a load member's stays as it is. */
  private static Content changed(Content content, Fault fault) {
    byte[] plain = bytes(content);
    byte[] half = Arrays.copyOf(plain, plain.length / 2);
    byte[] rest = Arrays.copyOfRange(plain, half.length, plain.length);
    byte[] bytes =
        switch (fault) {
          case GZIP_MEMBERS -> joined(gzip(half), gzip(rest), gzip(new byte[0]));
          case GZIP_CUT -> {
            byte[] last = gzip(rest);
            yield joined(gzip(half), Arrays.copyOf(last, last.length / 2));
          }
          case GZIP_AT_REST -> gzip(plain);
          case MIXED_TYPES ->
              joined(
                  plain, "\n{\"resourceType\":\"RelatedPerson\",\"id\":\"r1\"}\n".getBytes(UTF_8));
          default -> plain;
        };
    return new StoredContent(
        content.resourceType(), content.resources(), bytes, content.mediaType());
  }

  private static byte[] bytes(Content content) {
    return content.read(0, (int) content.length());
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      bytes.writeBytes(part);
    }
    return bytes.toByteArray();
  }

  private static byte[] gzip(byte[] content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void refuse(RoutingContext context, int status, String code, String text) {
    context
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", Answer.FHIR)
        .end(OperationOutcomes.error(code, text).toString());
  }

  /** One response on its way. Everything happens on the connection's event loop. */
  private final class Sending {
    private final RoutingContext context;
    private final HttpServerResponse response;
    private final Content content;
    private final FilePath name;
    private final long to;
    private final long breakAt;
    private final boolean slow;
    private long position;

    Sending(
        RoutingContext context, Content content, FilePath name, long from, long to, long breakAt) {
      this.context = context;
      this.response = context.response();
      this.content = content;
      this.name = name;
      this.position = from;
      this.to = to;
      this.breakAt = breakAt;
      this.slow = Gate.faultOf(context).filter(Fault.SLOW::equals).isPresent();
    }

    void go() {
      while (!response.closed()) {
        if (position >= breakAt) {
          // An empty write at the end of the queue: what was written before has left by then.
          response
              .write(Buffer.buffer())
              .onComplete(written -> context.request().connection().close());
          return;
        }
        if (position == to) {
          log.served(name);
          response.end();
          return;
        }
        if (response.writeQueueFull()) {
          response.drainHandler(
              drained -> {
                // It would be called whenever the queue drains, also while a timer is waited for.
                response.drainHandler(null);
                go();
              });
          return;
        }
        int size = (int) Math.min(slow ? 1 : Content.CHUNK, Math.min(to, breakAt) - position);
        long wait = slow ? 1000 : bandwidth.reserve(size);
        if (wait > 0) {
          context
              .vertx()
              .setTimer(
                  wait,
                  due -> {
                    write(size);
                    go();
                  });
          return;
        }
        write(size);
      }
    }

    private void write(int size) {
      if (!response.closed()) {
        response.write(Buffer.buffer(content.read(position, size)));
        position += size;
      }
    }
  }
}
