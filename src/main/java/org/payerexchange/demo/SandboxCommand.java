package org.payerexchange.demo;

import com.nimbusds.jose.jwk.JWKSet;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.payerexchange.cli.Subcommand;
import org.payerexchange.sandbox.AuthMethod;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.GroupIdPlace;
import org.payerexchange.sandbox.KickOffAnswer;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.MutualTls;
import org.payerexchange.sandbox.RegisteredClient;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sandbox}: the gateway simulator and a broker alone, until SIGTERM or SIGINT. */
@Command(
    name = "sandbox",
    description = "Runs the gateway simulator and an embedded broker.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false)
public final class SandboxCommand implements Callable<Integer>, Subcommand {
  /** Whom the dialects of the Da Vinci guides name as the one who asks. */
  private static final List<String> ASKING =
      List.of(
          "p2p.organization.name=Asking Health Plan",
          "p2p.organization.npi=1234567893",
          "p2p.organization.uri=https://asking.example");

  @Spec private CommandSpec spec;

  @Option(names = "--host", description = "Address to listen on.")
  private String host = "127.0.0.1";

  @Option(names = "--port", description = "Port of the gateway; 0 takes a free one.")
  private int port = 8090;

  @Option(
      names = "--store-port",
      description = "Port that the fault REDIRECTED leads to; 0 takes a free one.")
  private int storePort;

  @Option(names = "--broker-port", description = "Port of the broker; 0 takes a free one.")
  private int brokerPort = 61616;

  @Option(names = "--no-broker", description = "The gateway alone.")
  private boolean withoutBroker;

  @Option(names = "--tenant", split = ",", description = "Payers that the gateway speaks for.")
  private Set<String> tenants = new LinkedHashSet<>(SandboxOptions.defaults().tenants());

  @Option(
      names = "--token-auth",
      split = ",",
      description = "How clients may show who they are: ${COMPLETION-CANDIDATES}.")
  private Set<AuthMethod> tokenAuth =
      EnumSet.of(AuthMethod.CLIENT_SECRET_POST, AuthMethod.CLIENT_SECRET_BASIC);

  @ArgGroup private ClientKeys keys;

  @Option(
      names = "--client-uri",
      description = "For tls_client_auth: the URI in the client's certificate (its SAN).")
  private String clientUri = RegisteredClient.DEFAULT_SAN_URI;

  @ArgGroup(exclusive = false)
  private CertificatePort certificates;

  @Option(names = "--token-seconds", description = "How long a token is good.")
  private int tokenSeconds = 300;

  @Option(names = "--running-polls", description = "How often a job is Running before it is done.")
  private int runningPolls = 1;

  @Option(names = "--retry-after", description = "Seconds of Retry-After on a running job.")
  private Integer retryAfter;

  @Option(
      names = "--match-answer",
      description = "Where the groupId stands: ${COMPLETION-CANDIDATES}.")
  private GroupIdPlace matchAnswer = GroupIdPlace.TOP_LEVEL;

  @Option(
      names = "--kick-off-answer",
      description = "How the job is named: ${COMPLETION-CANDIDATES}.")
  private KickOffAnswer kickOffAnswer = KickOffAnswer.OPERATION_OUTCOME;

  @Option(
      names = "--files",
      description = "Files of a load member's export (coverage id LOAD-<n>).")
  private int files = 6;

  @Option(names = "--files-of-first", description = "Files of LOAD-0 alone, if not as many.")
  private Integer filesOfFirst;

  @Option(names = "--bytes-per-file", description = "About how large each of them is.")
  private long bytesPerFile = 4096;

  @Option(
      names = "--bytes-per-second",
      description = "What all files together may send; 0: no limit.")
  private long bytesPerSecond;

  @Option(
      names = "--ranges",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Honour Range requests.")
  private boolean ranges;

  @Option(names = "--gzip", description = "Compress stored files for clients that accept it.")
  private boolean gzip;

  @Mixin private final PdexArguments pdex = new PdexArguments();
  @Mixin private final HrexArguments hrex = new HrexArguments();

  @Option(names = "--seed", description = "Of the synthetic data and of random faults.")
  private long seed = SandboxOptions.defaults().seed();

  @Option(
      names = "--fault",
      paramLabel = "FAULT[=RATE]",
      mapFallbackValue = "1",
      description =
          "What goes wrong (see below), and for which share of requests, 0 to 1; may be repeated.")
  private Map<Fault, Double> faults = new EnumMap<>(Fault.class);

  /** For private_key_jwt: one of them. */
  private static final class ClientKeys {
    @Option(
        names = "--client-jwks",
        required = true,
        paramLabel = "FILE",
        description = "For private_key_jwt: the client's public keys, a JWK set.")
    private Path file;

    @Option(
        names = "--client-jwks-url",
        required = true,
        paramLabel = "URL",
        description = "The same, where the client publishes them.")
    private URI url;
  }

  /** For tls_client_auth: all of them. */
  private static final class CertificatePort {
    @Option(
        names = "--tls-port",
        required = true,
        description =
            "For tls_client_auth: a second port, which asks for certificates; 0: a free one.")
    private int port;

    @Option(
        names = "--tls-key-store",
        required = true,
        paramLabel = "FILE",
        description = "PKCS#12 file of that port's own certificate.")
    private Path keyStore;

    @Option(
        names = "--tls-client-trust-store",
        required = true,
        paramLabel = "FILE",
        description = "PKCS#12 file of the authorities whose clients are let in.")
    private Path clientTrustStore;

    @Option(names = "--tls-password", required = true, description = "Opens both of them.")
    private String password;
  }

  /** Lists all faults at the end of the command's help. */
  @Override
  public void describe(CommandSpec command) {
    command
        .usageMessage()
        .footerHeading("%nFaults:%n")
        .footer(
            Arrays.stream(Fault.values())
                .map(fault -> "  " + fault + ": " + fault.description())
                .toArray(String[]::new));
  }

  @Override
  public Integer call() throws Exception {
    System.setProperty("p2p.log.level", "WARN");
    System.setProperty("p2p.log.target", "System.err");
    try (Sandbox sandbox = Sandbox.start(options())) {
      setRates(sandbox);
      print(sandbox);
      new CountDownLatch(1).await();
    }
    return 0;
  }

  private void setRates(Sandbox sandbox) {
    try {
      sandbox.faults().rates(faults);
    } catch (IllegalArgumentException none) {
      throw new ParameterException(spec.commandLine(), "--fault: " + none.getMessage());
    }
  }

  SandboxOptions options() {
    SandboxOptions.Builder options =
        SandboxOptions.builder()
            .client(this::registered)
            .host(host)
            .port(port)
            .storePort(storePort)
            .tenants(tenants)
            .tokenLifetime(Duration.ofSeconds(tokenSeconds))
            .runningPolls(runningPolls)
            .matchAnswer(matchAnswer)
            .kickOffAnswer(kickOffAnswer)
            .load(new LoadShape(files, bytesPerFile, filesOfFirst == null ? files : filesOfFirst))
            .pdex(pdex::apply)
            .hrex(hrex.options())
            .bytesPerSecond(bytesPerSecond)
            .ranges(ranges)
            .gzip(gzip)
            .seed(seed);
    if (!withoutBroker) {
      options.brokerPort(brokerPort);
    }
    if (retryAfter != null) {
      options.retryAfter(Duration.ofSeconds(retryAfter));
    }
    if (certificates != null) {
      options.mutualTls(
          new MutualTls(
              certificates.port,
              certificates.keyStore,
              certificates.password,
              certificates.clientTrustStore,
              certificates.password));
    }
    return options.build();
  }

  private RegisteredClient registered(RegisteredClient known) {
    require(AuthMethod.PRIVATE_KEY_JWT, keys != null, "--client-jwks or --client-jwks-url");
    require(AuthMethod.TLS_CLIENT_AUTH, certificates != null, "--tls-port");
    RegisteredClient client =
        known.by(tokenAuth.toArray(AuthMethod[]::new)).withCertificateOf(clientUri);
    if (keys == null) {
      return client;
    }
    try {
      return keys.url == null
          ? client.withKeys(JWKSet.load(keys.file.toFile()))
          : client.withKeysAt(keys.url);
    } catch (IOException | ParseException | IllegalArgumentException unusable) {
      throw new ParameterException(
          spec.commandLine(), "--client-jwks: " + unusable.getMessage(), unusable);
    }
  }

  private void require(AuthMethod method, boolean given, String option) {
    if (tokenAuth.contains(method) && !given) {
      throw new ParameterException(
          spec.commandLine(), "--token-auth %s needs %s".formatted(method, option));
    }
  }

  /** As lines for a payers.properties; the secret opens nothing but a sandbox. */
  void print(Sandbox sandbox) {
    PrintWriter out = spec.commandLine().getOut();
    tenants.forEach(tenant -> print(sandbox, tenant, tenant, out));
    out.println("# The first of them once more, asked for many members at once (PDex), and for");
    out.println("# one and its Patient (HRex); each has an inbox of its own.");
    // a short wait, because somebody is watching
    printDialect(sandbox, "pdex", "match-batch-wait=10s", out);
    printDialect(sandbox, "hrex", "hrex-version=" + sandbox.options().hrex().version(), out);
    ASKING.forEach(out::println);
    if (!withoutBroker) {
      out.println("p2p.jms.url=" + sandbox.brokerUrl());
    }
    out.flush();
  }

  private void printDialect(Sandbox sandbox, String dialect, String setting, PrintWriter out) {
    String tenant = tenants.iterator().next();
    String payer = tenant + '-' + dialect;
    print(sandbox, tenant, payer, out);
    List.of(
            "dialect=" + dialect,
            "organization.name=Sandbox Health Plan",
            "organization.npi=1987654328",
            setting)
        .forEach(line -> out.println("p2p.payers." + payer + '.' + line));
  }

  private void print(Sandbox sandbox, String tenant, String payer, PrintWriter out) {
    AuthMethod method = tokenAuth.iterator().next();
    boolean byCertificate = method == AuthMethod.TLS_CLIENT_AUTH;
    String prefix = "p2p.payers." + payer + ".";
    out.println(
        prefix
            + "base-url="
            + (byCertificate ? sandbox.mutualTlsBaseUrl(tenant) : sandbox.baseUrl(tenant)));
    out.println(
        prefix + "token-url=" + (byCertificate ? sandbox.mutualTlsTokenUrl() : sandbox.tokenUrl()));
    out.println(prefix + "token-auth=" + method);
    out.println(prefix + "client-id=" + sandbox.options().clientId());
    switch (method) {
      case CLIENT_SECRET_POST, CLIENT_SECRET_BASIC ->
          out.println(prefix + "client-secret=" + sandbox.options().clientSecret());
      case PRIVATE_KEY_JWT -> out.println("#" + prefix + "private-key-file=");
      case TLS_CLIENT_AUTH ->
          List.of("key-store", "key-store-password", "trust-store", "trust-store-password")
              .forEach(key -> out.println("#" + prefix + key + "="));
    }
    out.println(prefix + "scope=" + SandboxOptions.SCOPE);
    if (!byCertificate) {
      out.println(prefix + "trusted-hosts=" + sandbox.store());
    }
  }
}
