package org.payerexchange.boot;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.hc.core5.http.HttpHost;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.dialect.Dialect;
import org.payerexchange.dialect.ExportForm;
import org.payerexchange.download.ByteLimits;
import org.payerexchange.export.ExportScope;
import org.payerexchange.export.ExportScopes;
import org.payerexchange.http.AnswerRoom;
import org.payerexchange.http.PeerConnection;
import org.payerexchange.http.PeerTls;
import org.payerexchange.http.TlsStores;
import org.payerexchange.intake.IdentifierSystems;
import org.payerexchange.ledger.store.ExportJobLedger;
import org.payerexchange.ledger.store.OutputFileLedger;
import org.payerexchange.payer.AliasBase;
import org.payerexchange.payer.CallLimits;
import org.payerexchange.payer.CallWindow;
import org.payerexchange.payer.ExtraHeaders;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;
import org.payerexchange.payer.TokenOnFiles;
import org.springframework.util.unit.DataSize;

/**
 * Reads {@code p2p.payers.<id>.<key>} from Camel's properties. A payer exists once any file names
 * one of its keys, or the environment its base URL ({@code P2P_PAYERS_BISON_BASE_URL}); each single
 * key may come from the environment ({@code P2P_PAYERS_BISON_CLIENT_SECRET}).
 */
public final class PayerConfiguration {
  private final Settings settings;

  private PayerConfiguration(Settings settings) {
    this.settings = settings;
  }

  /**
   * The payers as configured.
   *
   * @throws IllegalArgumentException naming each key that is missing or wrong, never its value
   *     where that is a secret
   */
  public static Payers payers(CamelContext context) {
    PayerConfiguration configuration = new PayerConfiguration(new Settings(context));
    Problems problems = new Problems();
    List<Payer> payers =
        configuration.ids().stream().map(id -> configuration.payer(id, problems)).toList();
    problems.require();
    return new Payers(payers);
  }

  /**
   * What the payers' exports are limited to, as configured.
   *
   * @throws IllegalArgumentException naming the first key that is wrong
   */
  public static ExportScopes exportScopes(
      CamelContext context, ExportJobLedger ledger, Duration overlap) {
    PayerConfiguration configuration = new PayerConfiguration(new Settings(context));
    Map<String, ExportScope> scopes =
        configuration.ids().stream()
            .collect(Collectors.toMap(Function.identity(), configuration::scope));
    return new ExportScopes(scopes, ledger, overlap);
  }

  /**
   * The payers that are reached in a way of their own, and the FHIR server with its token endpoint
   * if it is, each by what its keys begin with.
   *
   * @param fhirServer the FHIR server's stores
   * @throws IllegalArgumentException naming the first key that is wrong
   */
  public static Map<String, PeerConnection> connections(
      CamelContext context, TlsStores fhirServer, Clock clock) {
    PayerConfiguration configuration = new PayerConfiguration(new Settings(context));
    Map<String, PeerConnection> connections = new HashMap<>();
    for (String id : configuration.ids()) {
      connections.put(
          keys(id),
          new PeerConnection(
              tls(configuration.settings.stores(keys(id)), context, clock),
              configuration.value(id, "proxy", PayerConfiguration::proxy)));
    }
    connections.put(
        fhirServer.keys(), new PeerConnection(tls(fhirServer, context, clock), Optional.empty()));
    connections.values().removeIf(PeerConnection.ORDINARY::equals);
    return connections;
  }

  /**
   * The identifier systems that flat records get, by payer.
   *
   * @throws IllegalArgumentException naming the first key that is wrong
   */
  public static Map<String, IdentifierSystems> identifierSystems(CamelContext context) {
    PayerConfiguration configuration = new PayerConfiguration(new Settings(context));
    return configuration.ids().stream()
        .collect(
            Collectors.toMap(
                Function.identity(),
                id ->
                    new IdentifierSystems(
                        configuration.value(id, "member-id-system", PayerConfiguration::uri),
                        configuration.value(id, "coverage-system", PayerConfiguration::uri))));
  }

  /**
   * The memory for payers' answers: as configured, or a quarter of the heap.
   *
   * @param patience how long an answer waits for its part of it
   */
  public static AnswerRoom answerRoom(CamelContext context, Duration patience) {
    return new AnswerRoom(
        new Settings(context)
            .find("p2p.http.max-memory")
            .map(Long::valueOf)
            .orElse(Runtime.getRuntime().maxMemory() / 4),
        patience);
  }

  /**
   * How much the payers may send, as configured.
   *
   * @throws IllegalArgumentException naming the first key that is wrong
   */
  public static ByteLimits byteLimits(CamelContext context, OutputFileLedger ledger, Clock clock) {
    Settings settings = new Settings(context);
    PayerConfiguration configuration = new PayerConfiguration(settings);
    Map<String, ByteLimits.Limit> own = new HashMap<>();
    for (String id : configuration.ids()) {
      configuration
          .value(id, "max-unfinished-bytes", DataSize::parse)
          .ifPresent(
              most ->
                  own.put(
                      id,
                      new ByteLimits.Limit(
                          "p2p.payers.%s.max-unfinished-bytes".formatted(id), most)));
    }
    return new ByteLimits(
        limit(settings, "p2p.download.max-file-bytes"),
        limit(settings, "p2p.attachments.max-bytes"),
        limit(settings, "p2p.download.max-transfer-bytes"),
        limit(settings, "p2p.download.max-unfinished-bytes"),
        own,
        ledger,
        clock);
  }

  private static ByteLimits.Limit limit(Settings settings, String key) {
    return new ByteLimits.Limit(key, DataSize.parse(settings.text(key)));
  }

  private static String uri(String text) {
    if (!URI.create(text).isAbsolute()) {
      throw new IllegalArgumentException(
          "must be a URI such as urn:oid:1.2.3 or https://id.example");
    }
    return text;
  }

  private static Optional<PeerTls> tls(TlsStores stores, CamelContext context, Clock clock) {
    return stores.isEmpty() ? Optional.empty() : Optional.of(new PeerTls(stores, context, clock));
  }

  private static HttpHost proxy(String url) {
    URI uri = URI.create(url);
    if (!"http".equals(uri.getScheme())
        || uri.getPort() < 0
        || !uri.equals(URI.create("http://" + uri.getHost() + ":" + uri.getPort()))) {
      throw new IllegalArgumentException("must be like http://proxy.example:3128");
    }
    return new HttpHost(uri.getScheme(), uri.getHost(), uri.getPort());
  }

  /**
   * The payer of records for which nothing names one; empty if there is none.
   *
   * @throws IllegalArgumentException if it is none of the payers
   */
  static String defaultPayer(Settings settings) {
    String id = settings.text("p2p.default-payer");
    if (!id.isEmpty() && !ids(settings).contains(id)) {
      throw new IllegalArgumentException(
          "p2p.default-payer: '%s' is not a configured payer".formatted(id));
    }
    return id;
  }

  private ExportScope scope(String id) {
    boolean incremental = value(id, "incremental", Settings::yesOrNo).orElse(false);
    String typeFilter = text(id, "type-filter").orElse("");
    ExportForm form = form(id, incremental);
    String usualTypes = dialect(id, new Problems()).usualTypes();
    return value(
            id, "type", types -> new ExportScope(incremental, types, typeFilter, form, usualTypes))
        .orElseGet(() -> new ExportScope(incremental, "", typeFilter, form, usualTypes));
  }

  private ExportForm form(String id, boolean incremental) {
    ExportForm.Kickoff kickoff =
        value(id, "kick-off", Settings.oneOf(ExportForm.Kickoff.class))
            .orElse(ExportForm.Kickoff.GET);
    boolean lenient = value(id, "lenient", Settings::yesOrNo).orElse(false);
    boolean partial = value(id, "allow-partial-manifests", Settings::yesOrNo).orElse(false);
    Instant until = value(id, "until", text -> until(text, incremental)).orElse(null);
    return value(
            id,
            "include-associated-data",
            codes -> new ExportForm(kickoff, lenient, codes, until, partial))
        .orElseGet(() -> new ExportForm(kickoff, lenient, "", until, partial));
  }

  /**
   * What lies behind it would be missing for ever if the next export began with this one's time.
   */
  private static Instant until(String text, boolean incremental) {
    if (incremental) {
      throw new IllegalArgumentException("must not be set with incremental=true");
    }
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException unreadable) {
      throw new IllegalArgumentException(
          "must be a time in UTC such as 2026-12-31T23:59:59Z", unreadable);
    }
  }

  /** The ids of all that are configured. */
  static Set<String> ids(Settings settings) {
    return new PayerConfiguration(settings).ids();
  }

  private Set<String> ids() {
    return settings.names("p2p.payers", "base-url");
  }

  /** Null where it cannot be made of what is configured. */
  private Payer payer(String id, Problems problems) {
    Dialect dialect = dialect(id, problems);
    int parallel = value(id, "max-parallel-requests", PayerConfiguration::number, 8, problems);
    ExtraHeaders headers =
        value(id, "extra-headers", ExtraHeaders::of, ExtraHeaders.NONE, problems);
    Set<AliasBase> aliasBases = value(id, "alias-bases", AliasBase::listOf, Set.of(), problems);
    TokenOnFiles tokenOnFiles =
        value(
            id,
            "token-on-files",
            Settings.oneOf(TokenOnFiles.class),
            TokenOnFiles.MANIFEST,
            problems);
    boolean attachments = value(id, "attachments", Settings::yesOrNo, false, problems);
    CallLimits limits =
        new CallLimits(
            value(id, "calls-per-second", PayerConfiguration::calls, 0, problems),
            value(id, "calls-per-minute", PayerConfiguration::calls, 0, problems),
            problems.read(
                () -> value(id, "call-window", CallWindow::of), Optional.<CallWindow>empty()));
    return problems.read(
        () ->
            new Payer(
                settings.tokenClient(TokenClient.Kind.PAYER, id),
                value(id, "base-url", URI::create).orElse(null),
                text(id, "alias-hosts").map(PayerConfiguration::list).orElse(dialect.aliasHosts()),
                aliasBases,
                text(id, "trusted-hosts").map(PayerConfiguration::list).orElse(Set.of()),
                dialect,
                parallel,
                headers,
                tokenOnFiles,
                attachments,
                limits),
        null);
  }

  private Dialect dialect(String id, Problems problems) {
    return new DialectConfiguration(settings, keys(id), problems).dialect();
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'%s' is not a number".formatted(text));
    }
  }

  private static int calls(String text) {
    int calls = number(text);
    if (calls < 1) {
      throw new IllegalArgumentException("must be at least 1");
    }
    return calls;
  }

  private <T> T value(
      String id, String key, Function<String, T> parse, T standard, Problems problems) {
    return problems.read(() -> value(id, key, parse).orElse(standard), standard);
  }

  private <T> Optional<T> value(String id, String key, Function<String, T> parse) {
    return settings.value(keys(id) + "." + key, parse);
  }

  private Optional<String> text(String id, String key) {
    return settings.find(keys(id) + "." + key);
  }

  private static String keys(String id) {
    return TokenClient.Kind.PAYER.keys(id);
  }

  private static Set<String> list(String text) {
    return Arrays.stream(text.split(",")).map(String::strip).collect(Collectors.toSet());
  }
}
