package org.payerexchange.boot;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.PropertiesComponent;
import org.apache.camel.util.TimeUtils;
import org.payerexchange.auth.ClientSecret;
import org.payerexchange.auth.Credentials;
import org.payerexchange.auth.SigningKey;
import org.payerexchange.auth.TokenAuth;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.auth.TokenExtras;
import org.payerexchange.delivery.Sinks;
import org.payerexchange.delivery.fhir.FhirServer;
import org.payerexchange.http.TlsStores;
import org.payerexchange.payer.ExtraHeaders;
import org.springframework.util.unit.DataSize;

/** The {@code p2p.} keys as Camel resolves them: files, environment variables, overrides. */
public final class Settings {
  private static final String PREFIX = "p2p.";

  private final CamelContext context;
  private final PropertiesComponent properties;

  Settings(CamelContext context) {
    this.context = context;
    this.properties = context.getPropertiesComponent();
  }

  /**
   * The value without surrounding space; empty where it is not set or blank.
   *
   * @throws IllegalArgumentException naming the key, if the value holds a placeholder that stands
   *     for nothing; the value itself, which may be a secret, is not told
   */
  public Optional<String> find(String key) {
    try {
      // with a default, Camel would look through the class path for a function of the key's name
      return Optional.ofNullable(properties.parseUri("{{?" + key + "}}"))
          .map(String::strip)
          .filter(value -> !value.isEmpty());
    } catch (IllegalArgumentException unresolved) {
      throw new IllegalArgumentException(
          key + ": holds '{{' or '}}', but no placeholder that stands for anything");
    }
  }

  /** The value, or an empty text where it is not set. */
  public String text(String key) {
    return find(key).orElse("");
  }

  /** A duration as Camel writes it: {@code 500ms}, {@code 1h30m}. */
  Duration duration(String key) {
    return Duration.ofMillis(TimeUtils.toMilliSeconds(text(key)));
  }

  /** The same; empty where it is not set. */
  Optional<Duration> durationIfSet(String key) {
    return find(key).map(set -> duration(key));
  }

  /**
   * A whole number.
   *
   * @throws IllegalArgumentException naming the key, if it is none
   */
  int number(String key) {
    return parse(key, Integer::parseInt);
  }

  /**
   * A whole number of 64 bits.
   *
   * @throws IllegalArgumentException naming the key, if it is none
   */
  long big(String key) {
    return parse(key, Long::parseLong);
  }

  /** How many bytes a size stands for: {@code 16MB}, or digits alone. */
  long bytes(String key) {
    return DataSize.parse(text(key)).toBytes();
  }

  /** The same of what one array holds. */
  int bytesInMemory(String key) {
    return Math.toIntExact(bytes(key));
  }

  private <T> T parse(String key, Function<String, T> parser) {
    try {
      return parser.apply(text(key));
    } catch (NumberFormatException none) {
      throw new IllegalArgumentException(key + ": not a whole number in its range", none);
    }
  }

  /**
   * What a value stands for; empty where it is not set.
   *
   * @throws IllegalArgumentException naming the key, if it stands for nothing
   */
  <T> Optional<T> value(String key, Function<String, T> parser) {
    try {
      return find(key).map(parser);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("%s: %s".formatted(key, e.getMessage()));
    }
  }

  /**
   * Reads one of an enum's names: in lower case, dashes between words.
   *
   * @return what throws {@link IllegalArgumentException}, naming what there is, for any other text
   */
  static <E extends Enum<E>> Function<String, E> oneOf(Class<E> type) {
    Map<String, E> known = new LinkedHashMap<>();
    for (E each : type.getEnumConstants()) {
      known.put(each.name().toLowerCase(Locale.ROOT).replace('_', '-'), each);
    }
    return text ->
        Optional.ofNullable(known.get(text))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "must be one of " + String.join(", ", known.keySet())));
  }

  /** Reads a URI that begins with its scheme. */
  static URI absoluteUri(String text) {
    URI uri = URI.create(text);
    if (!uri.isAbsolute()) {
      throw new IllegalArgumentException(
          "must be an absolute URI such as https://payer.example or urn:oid:1.2.3");
    }
    return uri;
  }

  /** Reads {@code true} or {@code false}. */
  static boolean yesOrNo(String text) {
    if (!text.equals("true") && !text.equals("false")) {
      throw new IllegalArgumentException("must be true or false");
    }
    return text.equals("true");
  }

  /**
   * Who we are at the token endpoint of a payer or a sink.
   *
   * @throws IllegalArgumentException naming the first key that is missing or wrong
   */
  TokenClient tokenClient(TokenClient.Kind kind, String name) {
    String keys = kind.keys(name);
    return new TokenClient(
        kind,
        name,
        value(keys + ".token-url", URI::create).orElse(null),
        text(keys + ".client-id"),
        credentials(keys),
        value(keys + ".token-auth", TokenAuth::of).orElse(TokenAuth.CLIENT_SECRET_POST),
        value(keys + ".encode-credentials", Settings::yesOrNo).orElse(true),
        text(keys + ".scope"),
        tokenExtras(keys),
        value(keys + ".allow-http", Settings::yesOrNo).orElse(false));
  }

  /** Field by field, so that what is wrong is told by its own key. */
  private TokenExtras tokenExtras(String keys) {
    Map<String, String> parameters =
        value(
                keys + ".token-parameters",
                text -> new TokenExtras(ExtraHeaders.read(text), Map.of()).parameters())
            .orElse(Map.of());
    Map<String, String> headers =
        value(keys + ".token-headers", text -> ExtraHeaders.of(text).values()).orElse(Map.of());
    return new TokenExtras(parameters, headers);
  }

  /**
   * What we have to show there who we are; no file is read yet.
   *
   * @param keys what its keys begin with
   * @throws IllegalArgumentException naming the first key that is wrong
   */
  Credentials credentials(String keys) {
    return new Credentials(
        new ClientSecret(
            keys, text(keys + ".client-secret"), value(keys + ".client-secret-file", Path::of)),
        signingKey(keys + ".private-key-file", keys + ".private-key-password", keys + ".key-id"),
        signingKey(
            keys + ".previous-private-key-file",
            keys + ".previous-private-key-password",
            keys + ".previous-key-id"),
        value(keys + ".jku", URI::create),
        find(keys + ".assertion-audience"),
        find(keys + ".key-store").isPresent());
  }

  /**
   * The keys of all payers and of the FHIR server, without former ones whose time is over.
   *
   * @throws IllegalArgumentException naming the first key that is wrong
   */
  public List<SigningKey> signingKeys(Instant now) {
    return tokenClientKeys().flatMap(keys -> credentials(keys).keys(now).stream()).toList();
  }

  /** Trust and key stores of one peer, or of the ops ports; nothing is opened yet. */
  TlsStores stores(String keys) {
    return new TlsStores(
        keys,
        text(keys + ".trust-store"),
        text(keys + ".trust-store-password"),
        text(keys + ".key-store"),
        text(keys + ".key-store-password"));
  }

  /** What the keys begin with of everyone who may give us tokens. */
  Stream<String> tokenClientKeys() {
    return Stream.concat(
        PayerConfiguration.ids(this).stream().map(TokenClient.Kind.PAYER::keys),
        Stream.of(FhirServer.KEYS));
  }

  private Optional<SigningKey> signingKey(String key, String password, String keyId) {
    return value(key, Path::of).map(file -> new SigningKey(key, file, text(password), text(keyId)));
  }

  /** Opens files as Camel does. */
  CamelContext context() {
    return context;
  }

  /** Whether it is set to {@code true}. */
  boolean flag(String key) {
    return Boolean.parseBoolean(text(key));
  }

  /** Where files go. */
  Sinks sinks() {
    return Sinks.of(properties);
  }

  /**
   * The names that follow a prefix in the keys of files and overrides, or in a variable of the
   * environment that stands for such a key.
   *
   * @param prefix such as {@code p2p.payers}
   * @param ends what a key may end with that makes a name known by a variable alone
   */
  Set<String> names(String prefix, String... ends) {
    Set<String> names = new TreeSet<>();
    for (String key : keys()) {
      String rest = key.startsWith(prefix + ".") ? key.substring(prefix.length() + 1) : "";
      if (rest.indexOf('.') > 0) {
        names.add(rest.substring(0, rest.indexOf('.')));
      }
    }
    String begin = Environment.variable(prefix) + "_";
    for (String end : ends) {
      String last = "_" + Environment.variable(end);
      System.getenv().keySet().stream()
          .filter(variable -> variable.startsWith(begin) && variable.endsWith(last))
          .filter(variable -> variable.length() > begin.length() + last.length())
          .map(variable -> variable.substring(begin.length(), variable.length() - last.length()))
          .map(name -> name.toLowerCase(Locale.ROOT).replace('_', '-'))
          .filter(name -> find("%s.%s.%s".formatted(prefix, name, end)).isPresent())
          .forEach(names::add);
    }
    return names;
  }

  /** Every {@code P2P_} variable of the environment, where its variables are settings. */
  Set<String> variables() {
    return properties.getPropertiesSource(Environment.NAME) instanceof Environment environment
        ? new TreeSet<>(environment.names())
        : Set.of();
  }

  /** What one of them holds; empty where it is not set, or no variable is a setting. */
  Optional<String> variable(String name) {
    return variables().contains(name) ? Optional.ofNullable(System.getenv(name)) : Optional.empty();
  }

  /** Every {@code p2p.} key that a file or an override names; not those of {@link #variables}. */
  Set<String> keys() {
    return new TreeSet<>(
        properties.loadProperties(key -> key.startsWith(PREFIX)).stringPropertyNames());
  }
}
