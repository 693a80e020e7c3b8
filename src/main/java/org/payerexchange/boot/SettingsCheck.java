package org.payerexchange.boot;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.util.TimeUtils;
import org.payerexchange.auth.PublicKeys;
import org.springframework.util.unit.DataSize;

/**
 * Finds what a typing error could have spoilt. The {@code application.properties} of the class path
 * says which keys there are and, by the form of its defaults, which are durations and numbers.
 */
public final class SettingsCheck {
  private static final Pattern DURATION =
      Pattern.compile("(?=\\d)(\\d{1,9}d)?(\\d{1,9}h)?(\\d{1,9}m(?!s))?(\\d{1,9}s)?(\\d{1,9}ms)?");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");
  private static final Pattern SIZE = Pattern.compile("\\d{1,15}|\\d{1,9}(KB|MB|GB|TB)");
  private static final Set<String> YES_OR_NO = Set.of("true", "false");
  private static final int LAST_PORT = 65_535;

  /** What may stand behind {@code p2p.payers.<id>.}. */
  static final Set<String> OF_A_PAYER =
      Set.of(
          "base-url",
          "token-url",
          "client-id",
          "client-secret",
          "client-secret-file",
          "token-auth",
          "encode-credentials",
          "scope",
          "token-parameters",
          "token-headers",
          "alias-hosts",
          "alias-bases",
          "trusted-hosts",
          "private-key-file",
          "private-key-password",
          "key-id",
          "previous-private-key-file",
          "previous-private-key-password",
          "previous-key-id",
          "jku",
          "assertion-audience",
          "dialect",
          "incremental",
          "type",
          "type-filter",
          "kick-off",
          "lenient",
          "until",
          "include-associated-data",
          "allow-partial-manifests",
          "max-parallel-requests",
          "calls-per-second",
          "calls-per-minute",
          "call-window",
          "max-unfinished-bytes",
          "member-id-system",
          "coverage-system",
          "allow-http",
          "extra-headers",
          "token-on-files",
          "attachments",
          "organization.name",
          "organization.npi",
          "match-batch-size",
          "match-batch-wait",
          "export-type",
          "status-url-template",
          "export-status-url-template",
          "patient-join",
          "hrex-version",
          "retrieval",
          "trust-store",
          "trust-store-password",
          "key-store",
          "key-store-password",
          "proxy");

  private static final List<Pattern> FAMILIES =
      List.of(
          Pattern.compile("p2p\\.payers\\.[a-z0-9][a-z0-9-]*\\." + anyOf(Pattern::quote)),
          Pattern.compile("p2p\\.ops\\.keys\\.[a-z0-9][a-z0-9-]{0,31}\\.(role|key)"),
          Pattern.compile("p2p\\.deliver\\.(file|resource|bundle)-uris\\.\\d+(\\.allow-http)?"));

  /** The same as variables, with those of the start script and of {@code ledger copy}. */
  private static final List<Pattern> VARIABLES =
      List.of(
          Pattern.compile("P2P_PAYERS_[A-Z0-9][A-Z0-9_]*_" + anyOf(Environment::variable)),
          Pattern.compile("P2P_OPS_KEYS_[A-Z0-9][A-Z0-9_]{0,31}_(ROLE|KEY)"),
          Pattern.compile("P2P_DELIVER_(FILE|RESOURCE|BUNDLE)_URIS_\\d+(_ALLOW_HTTP)?"),
          Pattern.compile("P2P_(LOG_LEVEL|LOG_FORMAT|UMASK|LEDGER_TO_PASSWORD)"));

  /** Of any other name the log makes DEBUG, which prints what nobody is to see. */
  private static final Pattern LOG_LEVEL =
      Pattern.compile("(?i:OFF|ERROR|WARN|INFO|DEBUG|TRACE|ALL)?");

  private static final Pattern ZERO = Pattern.compile("(0+(ms|s|m|h|d|KB|MB|GB|TB)?)+");

  /** Zero means "none" or "at once" there; anywhere else nothing could work, or wait for ever. */
  private static final Set<String> MAY_BE_ZERO =
      Set.of(
          "p2p.attachments.max-line-bytes",
          "p2p.ops.port",
          "p2p.disk.reserve",
          "p2p.download.min-bytes-per-second",
          "p2p.inbox.quiet-time",
          "p2p.intake.duplicate-window",
          "p2p.export.overlap",
          "p2p.export.keep-failed-jobs",
          "p2p.poll.deadline",
          "p2p.retry.deadline",
          "p2p.token.refusal-memory",
          "p2p.token.refusal-patience",
          "p2p.retention.retryable",
          "p2p.retention.transfers");

  /** Empty means "off" there; otherwise the value is in the form of what stands here. */
  private static final Map<String, String> MAY_BE_EMPTY =
      Map.of(
          "p2p.ops.port", "8080",
          "p2p.ops.observe-port", "8081",
          "p2p.retention.inbox-done", "30d",
          "p2p.retention.inbox-rejected", "30d",
          "p2p.token.refused-deadline", "7d",
          "p2p.outbox.keep", "30d",
          "p2p.http.max-memory", "1GB");

  /** Where more would overflow: memory is taken three times as much, sockets count in 32 bits. */
  private static final Map<String, String> MOST =
      Map.of(
          "p2p.intake.max-record-bytes", "64MB",
          "p2p.jms.max-message-bytes", "1GB",
          "p2p.ops.max-body-bytes", "1GB",
          "p2p.http.max-answer-bytes", "1GB",
          "p2p.attachments.max-line-bytes", "12MB",
          "p2p.shutdown.timeout", "24d",
          "p2p.deliver.fhir.connect-timeout", "24d",
          "p2p.deliver.fhir.response-timeout", "24d");

  private static final String LONGEST = "36500d";
  private static final String LARGEST = "1000000TB";
  private static final List<String> PORTS = List.of("p2p.ops.port", "p2p.ops.observe-port");
  private static final List<String> BACKOFFS = List.of("p2p.poll", "p2p.retry");

  /** Keys of the folders that a start makes where they are not there. */
  public static final List<String> FOLDERS =
      List.of("p2p.inbox.directory", "p2p.work.directory", "p2p.outbox.directory");

  private final Settings settings;
  private final Clock clock;
  private final Properties defaults;

  /** Of these settings, now. */
  public SettingsCheck(Settings settings) {
    this(settings, Clock.systemUTC());
  }

  /**
   * Of these settings.
   *
   * @param clock tells what has expired
   */
  SettingsCheck(Settings settings, Clock clock) {
    this.settings = settings;
    this.clock = clock;
    this.defaults = defaults();
  }

  /**
   * Refuses the first problem.
   *
   * @throws IllegalArgumentException naming the key, and never a secret's value
   */
  void require() {
    require(problems());
  }

  private static void require(List<String> problems) {
    problems.stream()
        .findFirst()
        .ifPresent(
            problem -> {
              throw new IllegalArgumentException(problem);
            });
  }

  /** One line for each thing that is wrong, each beginning with its key. */
  public List<String> problems() {
    List<String> problems = new ArrayList<>();
    Set<String> keys = settings.keys();
    keys.addAll(defaults.stringPropertyNames());
    keys.forEach(key -> placeholder(key).ifPresent(problems::add));
    if (!problems.isEmpty()) {
      return problems;
    }
    problems.addAll(names());
    problems.addAll(forms());
    connections().ifPresent(problems::add);
    if (problems.isEmpty()) {
      BACKOFFS.forEach(prefix -> delays(prefix).ifPresent(problems::add));
      PORTS.forEach(key -> port(key).ifPresent(problems::add));
      ops().ifPresent(problems::add);
    }
    databaseUrl().ifPresent(problems::add);
    LedgerConfiguration.zoneProblem(settings).ifPresent(problems::add);
    opsAccess().ifPresent(problems::add);
    defaultPayer().ifPresent(problems::add);
    problems.addAll(DialectConfiguration.problemsOfOwn(settings));
    problems.addAll(credentials());
    TracingConfiguration.problem(settings).ifPresent(problems::add);
    problems.addAll(folders());
    return problems;
  }

  /**
   * Refuses the first name that nobody reads, and nothing else: a command that needs neither payers
   * nor their secrets would otherwise work on what it was not sent to.
   *
   * @throws IllegalArgumentException naming the key or the variable
   */
  public void requireNames() {
    require(names());
  }

  /**
   * Refuses the first name that nobody reads and the first value of another form than its key's. A
   * command opens no port and calls nobody: what only a start needs is let pass.
   *
   * @throws IllegalArgumentException naming the key or the variable
   */
  public void requireForms() {
    require(names());
    require(forms());
    require(LedgerConfiguration.zoneProblem(settings).stream().toList());
  }

  /** Of what is set: a placeholder that stands for nothing has no form. */
  private List<String> forms() {
    return defaults.stringPropertyNames().stream()
        .filter(key -> key.startsWith("p2p.") && placeholder(key).isEmpty())
        .sorted()
        .flatMap(key -> form(key).stream())
        .toList();
  }

  private List<String> names() {
    List<String> problems = new ArrayList<>();
    settings.keys().stream()
        .filter(key -> !isKnown(key))
        .forEach(key -> problems.add(key + ": there is no such key"));
    settings.variables().stream()
        .filter(variable -> !isKnownVariable(variable))
        .forEach(variable -> problems.add(variable + ": there is no key that it stands for"));
    settings
        .variable("P2P_LOG_LEVEL")
        .filter(level -> !LOG_LEVEL.matcher(level).matches())
        .ifPresent(
            level ->
                problems.add(
                    "P2P_LOG_LEVEL: must be one of OFF, ERROR, WARN, INFO, DEBUG, TRACE, ALL"));
    settings
        .variable("P2P_LOG_FORMAT")
        .filter(format -> !Set.of("text", "json").contains(format))
        .ifPresent(format -> problems.add("P2P_LOG_FORMAT: must be one of text, json"));
    return problems;
  }

  private static String anyOf(UnaryOperator<String> form) {
    return OF_A_PAYER.stream().map(form).collect(Collectors.joining("|", "(", ")"));
  }

  /** Whether a text is a duration as all keys have them: {@code 500ms}, {@code 1h30m}. */
  static boolean isDuration(String text) {
    return DURATION.matcher(text).matches();
  }

  private boolean isKnown(String key) {
    return defaults.containsKey(key)
        || FAMILIES.stream().anyMatch(family -> family.matcher(key).matches());
  }

  private boolean isKnownVariable(String variable) {
    return defaults.stringPropertyNames().stream()
            .anyMatch(key -> Environment.variable(key).equals(variable))
        || VARIABLES.stream().anyMatch(family -> family.matcher(variable).matches());
  }

  private Optional<String> placeholder(String key) {
    try {
      settings.find(key);
      return Optional.empty();
    } catch (IllegalArgumentException unresolved) {
      return Optional.of(unresolved.getMessage());
    }
  }

  private Optional<String> form(String key) {
    String standard = MAY_BE_EMPTY.getOrDefault(key, defaults.getProperty(key).strip());
    String value = settings.text(key);
    if (MAY_BE_EMPTY.containsKey(key) && value.isEmpty()) {
      return Optional.empty();
    }
    if (ZERO.matcher(value).matches()
        && Stream.of(NUMBER, DURATION, SIZE).anyMatch(form -> form.matcher(standard).matches())
        && !MAY_BE_ZERO.contains(key)) {
      return Optional.of(key + ": must be more than 0");
    }
    if (NUMBER.matcher(standard).matches()) {
      return when(!NUMBER.matcher(value).matches(), key + ": '" + value + "' is not a number")
          .or(() -> atMost(key, Long::parseLong, value, MOST.getOrDefault(key, value)));
    }
    if (DURATION.matcher(standard).matches()) {
      return when(
              !DURATION.matcher(value).matches(),
              key + ": '" + value + "' is not a duration such as 500ms, 30s, 5m, 24h or 30d")
          .or(() -> atMost(key, TimeUtils::toMilliSeconds, value, MOST.getOrDefault(key, LONGEST)));
    }
    if (SIZE.matcher(standard).matches()) {
      return when(
              !SIZE.matcher(value).matches(),
              key + ": '" + value + "' is not a size such as 500MB or 1GB")
          .or(() -> atMost(key, SettingsCheck::bytes, value, MOST.getOrDefault(key, LARGEST)));
    }
    if (YES_OR_NO.contains(standard)) {
      return when(!YES_OR_NO.contains(value), key + ": must be true or false");
    }
    return when(value.isEmpty() && mustBeSet(key), key + ": must be set");
  }

  private static Optional<String> atMost(
      String key, ToLongFunction<String> read, String value, String most) {
    return when(
        read.applyAsLong(value) > read.applyAsLong(most), key + ": must not be more than " + most);
  }

  private static long bytes(String size) {
    try {
      return DataSize.parse(size).toBytes();
    } catch (IllegalArgumentException overflow) {
      return Long.MAX_VALUE;
    }
  }

  private Optional<String> delays(String prefix) {
    Duration first = settings.duration(prefix + ".min-delay");
    Duration longest = settings.duration(prefix + ".max-delay");
    return when(
        first.compareTo(longest) > 0,
        "%s.min-delay: must not be longer than %s.max-delay".formatted(prefix, prefix));
  }

  /** The URL itself is not told: a password may be among its parameters. */
  private Optional<String> databaseUrl() {
    return when(
        !settings.text("p2p.database.url").matches("jdbc:(h2|postgresql):.+"),
        "p2p.database.url: must begin with jdbc:h2: or jdbc:postgresql:");
  }

  private Optional<String> port(String key) {
    return settings
        .find(key)
        .map(Integer::valueOf)
        .filter(port -> port > LAST_PORT)
        .map(port -> "%s: %s is not a port".formatted(key, port));
  }

  private Optional<String> ops() {
    Optional<String> port = settings.find("p2p.ops.port");
    Optional<String> observe = settings.find("p2p.ops.observe-port");
    if (observe.isPresent() && port.isEmpty()) {
      return Optional.of("p2p.ops.observe-port: needs p2p.ops.port");
    }
    if (observe.isPresent() && observe.equals(port)) {
      return Optional.of("p2p.ops.observe-port: must be another port than p2p.ops.port");
    }
    return when(
        settings.bytes("p2p.ops.max-bytes-at-once") < settings.bytes("p2p.ops.max-body-bytes"),
        "p2p.ops.max-bytes-at-once: must not be less than p2p.ops.max-body-bytes");
  }

  private Optional<String> opsAccess() {
    try {
      return OpsKeys.of(settings).isEmpty() && settings.find("p2p.ops.port").isPresent()
          ? opsHost()
          : Optional.empty();
    } catch (IllegalArgumentException wrong) {
      return Optional.of(wrong.getMessage());
    }
  }

  /** Without a key the port is for callers on this machine. */
  private Optional<String> opsHost() {
    String host = settings.text("p2p.ops.host");
    try {
      return when(
          !InetAddress.getByName(host).isLoopbackAddress(),
          "p2p.ops.api-key: must be set, or a key of p2p.ops.keys, since p2p.ops.host '%s' is not loopback"
              .formatted(host));
    } catch (UnknownHostException e) {
      return Optional.of("p2p.ops.host: '%s' is not known".formatted(host));
    }
  }

  private Optional<String> defaultPayer() {
    try {
      PayerConfiguration.defaultPayer(settings);
      return Optional.empty();
    } catch (IllegalArgumentException unknown) {
      return Optional.of(unknown.getMessage());
    }
  }

  /** Whatever lies in files, of each payer, of the FHIR server and of the ops ports. */
  private List<String> credentials() {
    Instant now = clock.instant();
    List<String> problems = new ArrayList<>();
    for (String keys : settings.tokenClientKeys().toList()) {
      problems.addAll(told(() -> settings.credentials(keys).problems(now)));
      problems.addAll(told(() -> settings.stores(keys).problems(settings.context(), now)));
    }
    problems.addAll(told(() -> new PublicKeys(settings.signingKeys(now), clock).doubles()));
    problems.addAll(told(this::opsStore));
    return problems.stream().distinct().toList();
  }

  /** Its certificate may have ended: whoever has to see that asks these ports. */
  private List<String> opsStore() {
    OpsSettings.stores(settings).end(settings.context());
    return List.of();
  }

  private static List<String> told(Supplier<List<String>> problems) {
    try {
      return problems.get();
    } catch (IllegalArgumentException unclear) {
      return List.of(unclear.getMessage());
    }
  }

  private boolean mustBeSet(String key) {
    return FOLDERS.contains(key)
        || (key.matches("p2p\\.jms\\..*-queue") && settings.find("p2p.jms.url").isPresent())
        || (key.equals("p2p.ops.host") && settings.find("p2p.ops.port").isPresent());
  }

  /** A node works on the ledger with one connection and looks at it with another. */
  private Optional<String> connections() {
    String key = "p2p.database.max-connections";
    return when(
        settings.text("p2p.database.url").startsWith("jdbc:h2:")
            && settings.text(key).matches("0*1"),
        key + ": must be 2 or more");
  }

  /** Empty for one that is not set. Which names there can be goes by the process's language. */
  private Optional<Path> path(String key, List<String> problems) {
    try {
      return settings.find(key).map(Path::of);
    } catch (InvalidPathException impossible) {
      problems.add(
          "%s: there can be no such folder here (%s)".formatted(key, impossible.getReason()));
      return Optional.empty();
    }
  }

  private Optional<String> folder(String key, Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      return Optional.of("%s: cannot make the folder %s".formatted(key, folder));
    }
    return when(
        !Files.isWritable(folder), "%s: the folder %s cannot be written".formatted(key, folder));
  }

  private List<String> folders() {
    List<String> problems = new ArrayList<>();
    Map<String, Path> before = new LinkedHashMap<>();
    for (String key : FOLDERS) {
      path(key, problems)
          .ifPresent(
              folder -> {
                folder(key, folder).ifPresent(problems::add);
                before.forEach(
                    (other, second) -> apart(key, folder, other, second).ifPresent(problems::add));
                before.put(key, folder);
              });
    }
    return problems;
  }

  /** What one of them takes in, or removes, is not to be what another one holds. */
  private static Optional<String> apart(String key, Path one, String other, Path two) {
    Path folder = one.toAbsolutePath().normalize();
    Path second = two.toAbsolutePath().normalize();
    return when(
        folder.startsWith(second) || second.startsWith(folder),
        "%s: may not be the folder of %s, lie in it or hold it".formatted(key, other));
  }

  private static Optional<String> when(boolean wrong, String problem) {
    return wrong ? Optional.of(problem) : Optional.empty();
  }

  private static Properties defaults() {
    Properties defaults = new Properties();
    try (InputStream file = SettingsCheck.class.getResourceAsStream("/application.properties")) {
      defaults.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return defaults;
  }
}
