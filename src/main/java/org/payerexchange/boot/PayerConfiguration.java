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

  /** Of these settings. */
  PayerConfiguration(Settings settings) {
    this.settings = settings;
  }

  /**
   * The payers as configured.
   *
   * @throws IllegalArgumentException naming each key that is missing or wrong, never its value
   *     where that is a secret
   */
  public static Payers payers(CamelContext context) {
    return new PayerConfiguration(new Settings(context)).payers();
  }

  private Payers payers() {
    Problems problems = new Problems();
    List<Payer> payers = ids().stream().map(id -> payer(id, problems)).toList();
    problems.require();
    return new Payers(payers);
  }

  /**
   * What the payers' exports are limited to, as configured.
   *
   * @throws IllegalArgumentException naming the first key that is wrong
   */
  ExportScopes exportScopes(Payers payers, ExportJobLedger ledger, Duration overlap) {
    return new ExportScopes(
        payers.all().stream().collect(Collectors.toMap(Payer::id, this::scope)), ledger, overlap);
  }

  /**
   * The payers that are reached in a way of their own, and the FHIR server with its token endpoint
   * if it is, each by what its keys begin with.
   *
   * @param fhirServer the FHIR server's stores
   * @throws IllegalArgumentException naming the first key that is wrong
   */
  Map<String, PeerConnection> connections(TlsStores fhirServer, Clock clock) {
    Map<String, PeerConnection> connections = new HashMap<>();
    for (String id : ids()) {
      connections.put(
          keys(id),
          new PeerConnection(
              tls(settings.stores(keys(id)), clock),
              value(id, "proxy", PayerConfiguration::proxy)));
    }
    connections.put(
        fhirServer.keys(), new PeerConnection(tls(fhirServer, clock), Optional.empty()));
    connections.values().removeIf(PeerConnection.ORDINARY::equals);
    return connections;
  }

  /**
   * The identifier systems that flat records get, by payer.
   *
   * @throws IllegalArgumentException naming the first key that is wrong
   */
  Map<String, IdentifierSystems> identifierSystems() {
    return ids().stream()
        .collect(
            Collectors.toMap(
                Function.identity(),
                id ->
                    new IdentifierSystems(
                        value(id, "member-id-system", Settings::absoluteUri).map(URI::toString),
                        value(id, "coverage-system", Settings::absoluteUri).map(URI::toString))));
  }

  /**
   * How much the payers may send, as configured.
   *
   * @throws IllegalArgumentException naming the first key that is wrong
   */
  ByteLimits byteLimits(OutputFileLedger ledger, Clock clock) {
    Map<String, ByteLimits.Limit> own = new HashMap<>();
    for (String id : ids()) {
      value(id, "max-unfinished-bytes", DataSize::parse)
          .ifPresent(
              most ->
                  own.put(
                      id,
                      new ByteLimits.Limit(
                          "p2p.payers.%s.max-unfinished-bytes".formatted(id), most)));
    }
    return new ByteLimits(
        limit("p2p.download.max-file-bytes"),
        limit("p2p.attachments.max-bytes"),
        limit("p2p.download.max-transfer-bytes"),
        limit("p2p.download.max-unfinished-bytes"),
        own,
        ledger,
        clock);
  }

  private ByteLimits.Limit limit(String key) {
    return new ByteLimits.Limit(key, DataSize.parse(settings.text(key)));
  }

  private Optional<PeerTls> tls(TlsStores stores, Clock clock) {
    return stores.isEmpty()
        ? Optional.empty()
        : Optional.of(new PeerTls(stores, settings.context(), clock));
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

  private ExportScope scope(Payer payer) {
    String id = payer.id();
    boolean incremental = value(id, "incremental", Settings::yesOrNo).orElse(false);
    String typeFilter = text(id, "type-filter").orElse("");
    ExportForm form = form(id, incremental);
    String usualTypes = payer.dialect().usualTypes();
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
