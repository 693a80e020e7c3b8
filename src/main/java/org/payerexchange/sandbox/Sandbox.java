package org.payerexchange.sandbox;

import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PfxOptions;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServerConfiguration;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Registry;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;

/**
 * The simulated gateway, running: a Camel context of its own with the routes of {@code
 * routes/sandbox/}, on a port of its own, and an embedded broker where one is asked for.
 */
public final class Sandbox implements AutoCloseable {
  private static final String TOKEN_PATH = "/auth/realms/dev-portal/protocol/openid-connect/token";
  private static final String FILES = "/v1/:tenant/bulk-data/r4/$export/file/:file";
  private static final String BINARIES = "/v1/:tenant/Binary/:file";
  private static final long PATIENCE_SECONDS = 30;
  private static final List<String> ROUTES =
      List.of(
          "errors",
          "discovery",
          "token",
          "member-match",
          "export",
          "bulk-match",
          "group-export",
          // its paths for any type of resource come behind those that are named
          "patient-data",
          "admin");

  private final SandboxOptions options;
  private final CamelContext context;
  private final VertxPlatformHttpServer server;
  private final Optional<Broker> broker;
  private HttpServer mutualTls;
  private HttpServer store;
  private final Members members = Members.ofSamples();
  private final RequestLog requests = new RequestLog();
  private final Faults faults;
  private final TokenServer tokens;
  private final Exports exports;
  private final PdexState pdex = new PdexState(new Groups(), new Jobs(), new Jobs());
  private final BulkMatchEndpoint bulkMatches;
  private final GroupExportEndpoint groupExports;
  private final PatientRecords records;
  private final PatientExportEndpoint patientExports;

  private Sandbox(SandboxOptions options) {
    this.options = options;
    this.faults = new Faults(options.seed());
    this.tokens =
        new TokenServer(
            options, faults, requests, new ClientCheck(options, faults, this::endpoints));
    this.exports =
        new Exports(
            options,
            members,
            new Exported(options.seed(), options.load()),
            pdex.exports(),
            faults,
            requests);
    AsyncAnswers answers = new AsyncAnswers(options, faults, requests);
    this.bulkMatches = new BulkMatchEndpoint(options, pdex, answers, faults, requests);
    this.groupExports = new GroupExportEndpoint(options, pdex, answers, faults, requests);
    this.records = new PatientRecords(options.pdex().group(), faults);
    this.patientExports =
        new PatientExportEndpoint(options, pdex.exports(), records, answers, faults, requests);
    this.context = new DefaultCamelContext();
    this.server = new VertxPlatformHttpServer(listener(options));
    this.broker =
        options.brokerPort().isPresent()
            ? Optional.of(Broker.start(options.brokerPort().getAsInt()))
            : Optional.empty();
  }

  /**
   * Starts a sandbox.
   *
   * @throws IllegalStateException where it does not start, for one because a port is taken
   */
  public static Sandbox start(SandboxOptions options) {
    Sandbox sandbox = new Sandbox(options);
    try {
      sandbox.open();
    } catch (Exception e) {
      sandbox.close();
      throw new IllegalStateException("The sandbox does not start: " + e.getMessage(), e);
    }
    return sandbox;
  }

  /** The port that the gateway listens on. */
  public int port() {
    return server.getPort();
  }

  /** The base URL of a tenant for clients with certificates. */
  public URI mutualTlsBaseUrl(String tenant) {
    return mutualTlsOrigin().resolve("/v1/" + tenant);
  }

  /** Scheme, host and port of the gateway, without a slash at the end. */
  public URI origin() {
    return URI.create("http://" + at(port()));
  }

  private String at(int port) {
    String host = options.host();
    return "%s:%d".formatted(host.contains(":") ? "[" + host + "]" : host, port);
  }

  /** The base URL of a tenant, as a payer's {@code base-url} names it. */
  public URI baseUrl(String tenant) {
    return origin().resolve("/v1/" + tenant);
  }

  /** The token endpoint, as a payer's {@code token-url} names it. */
  public URI tokenUrl() {
    return origin().resolve(TOKEN_PATH);
  }

  /** Host and port that {@link Fault#REDIRECTED} leads to, as {@code trusted-hosts} names them. */
  public String store() {
    return at(store.actualPort());
  }

  /**
   * Scheme, host and port for clients with certificates, without a slash at the end.
   *
   * @throws IllegalStateException where the sandbox was started without such a port
   */
  public URI mutualTlsOrigin() {
    if (mutualTls == null) {
      throw new IllegalStateException("The sandbox has no port for certificates");
    }
    return URI.create("https://" + at(mutualTls.actualPort()));
  }

  /** The token endpoint for clients with certificates. */
  public URI mutualTlsTokenUrl() {
    return mutualTlsOrigin().resolve(TOKEN_PATH);
  }

  private Optional<URI> alias() {
    return Optional.ofNullable(mutualTls).map(port -> mutualTlsTokenUrl());
  }

  /** Over mutual TLS it has both names that its discovery document gives it. */
  private Set<URI> endpoints(TokenRequest request) {
    return Stream.concat(
            Stream.of(tokenUrl()), request.certificate().flatMap(shown -> alias()).stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * What a JMS client of the embedded broker connects to.
   *
   * @throws IllegalStateException where the sandbox was started without a broker
   */
  public String brokerUrl() {
    return broker
        .map(Broker::url)
        .orElseThrow(() -> new IllegalStateException("The sandbox has no broker"));
  }

  /** How this sandbox was started. */
  public SandboxOptions options() {
    return options;
  }

  /** What was asked of it. */
  public RequestLog requests() {
    return requests;
  }

  /** What goes wrong from now on. */
  public Faults faults() {
    return faults;
  }

  /** Ends every token that was given out. */
  public void expireTokens() {
    tokens.expireAll();
  }

  /** The members of the samples. */
  public Collection<Member> sampleMembers() {
    return members.samples();
  }

  /** What each job that was kicked off so far has to serve. */
  public List<ExportedJob> jobs() {
    return pdex.exports().all().stream().map(ExportedJob::of).toList();
  }

  /** The bulk matches that were asked for so far, those without a job among them. */
  public List<BulkMatch> bulkMatches() {
    return bulkMatches.all();
  }

  /** The exports of bulk matches' Groups that were kicked off so far. */
  public List<GroupExport> groupExports() {
    return groupExports.all();
  }

  /**
   * What a member's Patient has by {@code $everything} and by {@code Patient/$export}, and by
   * search as far as that goes: the resources, each a line without its end.
   */
  public List<String> patientRecord(PdexMember member) {
    return records.of(member.patient()).resources().map(PatientRecord.Entry::json).toList();
  }

  @Override
  public void close() {
    context.stop();
    broker.ifPresent(Broker::close);
  }

  private void open() throws Exception {
    context.getCamelContextExtension().setName("sandbox");
    context.disableJMX();
    context.setStreamCaching(false);
    context.getShutdownStrategy().setTimeout(2);
    context.getShutdownStrategy().setSuppressLoggingOnTimeout(true);
    bind(context.getRegistry());
    context.start();
    // the HTTP server itself only logs that it could not have its port
    Ports.requireFree(options.host(), options.port());
    context.addService(server);
    VertxPlatformHttpRouter router =
        VertxPlatformHttpRouter.lookup(
            context, VertxPlatformHttpRouter.getRouterNameFromPort(options.port()));
    Gate gate = new Gate(faults, requests, tokens);
    router.route("/v1/*").handler(gate);
    router.route("/auth/*").handler(gate);
    FileHandler files = new FileHandler(options, this::job, tokens, faults, requests);
    router.route(HttpMethod.GET, FILES).handler(files);
    router.route(HttpMethod.GET, BINARIES).handler(files);
    router
        .route(HttpMethod.GET, "/v1/:tenant/" + Documents.FOLDER + ":document")
        .handler(new Documents(tokens));
    PluginHelper.getRoutesLoader(context).loadRoutes(routes());
    if (options.mutualTls().isPresent()) {
      mutualTls = listen(listener(options.mutualTls().get()), router);
    }
    Router kept = Router.router(server.getVertx());
    kept.route().handler(gate);
    kept.route(HttpMethod.GET, FileHandler.STORE + FILES).handler(files::fromStore);
    kept.route(HttpMethod.GET, FileHandler.STORE + BINARIES).handler(files::fromStore);
    store =
        listen(new HttpServerOptions().setHost(options.host()).setPort(options.storePort()), kept);
    files.storeAt(store.actualPort());
  }

  private Optional<Job> job(String tenant, String id) {
    return pdex.exports().find(tenant, id).or(() -> pdex.matches().find(tenant, id));
  }

  private HttpServerOptions listener(MutualTls tls) {
    return new HttpServerOptions()
        .setHost(options.host())
        .setPort(tls.port())
        .setSsl(true)
        .setUseAlpn(false)
        .setKeyCertOptions(
            new PfxOptions()
                .setPath(tls.keyStore().toAbsolutePath().toString())
                .setPassword(tls.keyStorePassword()))
        .setTrustOptions(
            new PfxOptions()
                .setPath(tls.clientTrustStore().toAbsolutePath().toString())
                .setPassword(tls.clientTrustStorePassword()))
        .setClientAuth(ClientAuth.REQUIRED);
  }

  private HttpServer listen(HttpServerOptions listener, Router router) throws Exception {
    return server
        .getVertx()
        .createHttpServer(listener)
        .requestHandler(router)
        .listen()
        .toCompletionStage()
        .toCompletableFuture()
        .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private void bind(Registry registry) {
    registry.bind("sandboxDiscovery", new Discovery(options, this::tokenUrl, this::alias));
    registry.bind("vertxOptions", vertxOptions());
    registry.bind("sandboxTokens", tokens);
    registry.bind("sandboxMemberMatch", new MatchEndpoint(members, options, faults, requests));
    registry.bind("sandboxExports", exports);
    registry.bind("sandboxBulkMatches", bulkMatches);
    registry.bind("sandboxGroups", new GroupEndpoint(new FhirOperation(options), pdex.groups()));
    registry.bind("sandboxGroupExports", groupExports);
    registry.bind(
        "sandboxPatientMatch", new PatientMatchEndpoint(options, records, faults, requests));
    registry.bind("sandboxPatientData", new PatientDataEndpoint(options, records, faults));
    registry.bind("sandboxPatientExports", patientExports);
    registry.bind("sandboxAnswers", new Answers());
    registry.bind("sandboxAdmin", new AdminView(requests, pdex.exports(), faults));
  }

  private List<Resource> routes() {
    return ROUTES.stream()
        .map(name -> "classpath:routes/sandbox/%s.camel.yaml".formatted(name))
        .map(location -> PluginHelper.getResourceLoader(context).resolveResource(location))
        .toList();
  }

  private static VertxOptions vertxOptions() {
    // No folder for cached class path resources: nothing here is served from files.
    return new VertxOptions()
        .setFileSystemOptions(
            new FileSystemOptions()
                .setFileCachingEnabled(false)
                .setClassPathResolvingEnabled(false));
  }

  private static VertxPlatformHttpServerConfiguration listener(SandboxOptions options) {
    VertxPlatformHttpServerConfiguration listener = new VertxPlatformHttpServerConfiguration();
    listener.setBindHost(options.host());
    listener.setBindPort(options.port());
    // switched off, Vert.x would still make a folder for them in the working directory
    listener.getBodyHandler().setUploadsDirectory(System.getProperty("java.io.tmpdir"));
    return listener;
  }
}
