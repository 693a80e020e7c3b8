package org.payerexchange.boot;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.camel.util.TimeUtils;
import org.payerexchange.dialect.Dialect;
import org.payerexchange.dialect.OneUp;
import org.payerexchange.dialect.PatientData;
import org.payerexchange.dialect.hrex.Hrex;
import org.payerexchange.dialect.hrex.HrexVersion;
import org.payerexchange.dialect.member.Parties;
import org.payerexchange.dialect.pdex.PatientJoin;
import org.payerexchange.dialect.pdex.Pdex;
import org.payerexchange.http.JsonLimits;

/** Reads how a payer speaks, {@code p2p.payers.<id>.dialect}, and what is set of that dialect. */
final class DialectConfiguration {
  /** As many tokens as an answer's bytes allow. */
  private static final long MOST_TOKENS = 1L << 26;

  /** The result of a thousand members, wrapped in a Binary, has some five million. */
  private static final int LONGEST_STRING = 1 << 24;

  private static final int MOST_MEMBERS = 5000;
  private static final Duration LONGEST_WAIT = Duration.ofDays(365);
  private static final String JOB_ID = "{jobId}";

  private static final String OWN_NAME = "p2p.organization.name";
  private static final String OWN_NPI = "p2p.organization.npi";
  private static final String OWN_URI = "p2p.organization.uri";

  private final Settings settings;
  private final String keys;
  private final Problems problems;

  /**
   * Of a payer.
   *
   * @param keys what its keys begin with
   * @param problems is told each key that is missing or wrong
   */
  DialectConfiguration(Settings settings, String keys, Problems problems) {
    this.settings = settings;
    this.keys = keys;
    this.problems = problems;
  }

  /** The dialect as configured; not to be used where there are problems. */
  Dialect dialect() {
    Map<String, Supplier<Dialect>> known = new TreeMap<>();
    known.put(OneUp.KEY, OneUp::new);
    known.put(Hrex.KEY, this::hrex);
    known.put(Pdex.KEY, this::pdex);
    return value(
            "dialect",
            key ->
                Optional.ofNullable(known.get(key.toLowerCase(Locale.ROOT)))
                    .orElseThrow(
                        () ->
                            new IllegalArgumentException(
                                "unknown dialect '%s', known are: %s"
                                    .formatted(key, String.join(", ", known.keySet())))))
        .orElse(known.get(OneUp.KEY))
        .get();
  }

  private Dialect pdex() {
    return new Pdex(
        parties(Pdex.KEY),
        value("match-batch-size", DialectConfiguration::batchSize).orElse(100),
        value("match-batch-wait", DialectConfiguration::wait).orElse(Duration.ofMinutes(1)),
        value("export-type", DialectConfiguration::word).orElse(Pdex.PAYER_TO_PAYER),
        statusUrls(),
        value("patient-join", Settings.oneOf(PatientJoin.class)).orElse(PatientJoin.REPEAT),
        mapper());
  }

  private Dialect hrex() {
    return new Hrex(
        parties(Hrex.KEY),
        value("hrex-version", DialectConfiguration::hrexVersion).orElse(HrexVersion.V1_1),
        value("retrieval", DialectConfiguration::retrieval).flatMap(Function.identity()));
  }

  private Parties parties(String dialect) {
    Parties.Organization own = organization(dialect, OWN_NAME, OWN_NPI);
    URI ownUri = required(dialect, OWN_URI, Settings::absoluteUri);
    Parties.Organization payer =
        organization(dialect, keys + ".organization.name", keys + ".organization.npi");
    return own == null || ownUri == null || payer == null ? null : new Parties(own, ownUri, payer);
  }

  private Pdex.StatusUrls statusUrls() {
    String ofMatches = value("status-url-template", DialectConfiguration::template).orElse("");
    return new Pdex.StatusUrls(
        ofMatches,
        value("export-status-url-template", DialectConfiguration::template).orElse(ofMatches));
  }

  private Parties.Organization organization(String dialect, String name, String npi) {
    String ofPeople = required(dialect, name, Function.identity());
    String ofProviders = required(dialect, npi, DialectConfiguration::npi);
    return ofPeople == null || ofProviders == null
        ? null
        : new Parties.Organization(ofPeople, ofProviders);
  }

  /** Null where it is missing or wrong. */
  private <T> T required(String dialect, String key, Function<String, T> parser) {
    return problems.read(
        () ->
            settings
                .value(key, parser)
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "%s is missing, %s.dialect=%s needs it".formatted(key, keys, dialect))),
        null);
  }

  private <T> Optional<T> value(String key, Function<String, T> parser) {
    return problems.read(() -> settings.value(keys + "." + key, parser), Optional.empty());
  }

  /**
   * What is wrong with what is said of our own organization, whoever needs it.
   *
   * @return one line each, which begins with the key
   */
  static List<String> problemsOfOwn(Settings settings) {
    return Stream.<Map.Entry<String, Function<String, ?>>>of(
            Map.entry(OWN_NPI, DialectConfiguration::npi),
            Map.entry(OWN_URI, Settings::absoluteUri))
        .flatMap(
            key -> {
              try {
                settings.value(key.getKey(), key.getValue());
                return Stream.empty();
              } catch (IllegalArgumentException wrong) {
                return Stream.of(wrong.getMessage());
              }
            })
        .toList();
  }

  private static JsonMapper mapper() {
    return JsonLimits.builder(MOST_TOKENS, LONGEST_STRING).build();
  }

  private static String npi(String text) {
    if (!Parties.Organization.isNpi(text)) {
      throw new IllegalArgumentException(
          "must be an NPI: ten digits, of which the last checks the others");
    }
    return text;
  }

  private static int batchSize(String text) {
    int size = text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : 0;
    if (size < 1 || size > MOST_MEMBERS) {
      throw new IllegalArgumentException("must be a number from 1 to " + MOST_MEMBERS);
    }
    return size;
  }

  private static Duration wait(String text) {
    if (!SettingsCheck.isDuration(text)) {
      throw new IllegalArgumentException("must be a duration such as 30s, 1m or 4h");
    }
    Duration wait = Duration.ofMillis(TimeUtils.toMilliSeconds(text));
    if (wait.compareTo(LONGEST_WAIT) > 0) {
      throw new IllegalArgumentException(
          "must not be more than %sd".formatted(LONGEST_WAIT.toDays()));
    }
    return wait;
  }

  private static HrexVersion hrexVersion(String text) {
    return switch (text) {
      case "1.0" -> HrexVersion.V1_0;
      case "1.1" -> HrexVersion.V1_1;
      default -> throw new IllegalArgumentException("must be one of 1.0, 1.1");
    };
  }

  /** Empty: as the payer says. */
  private static Optional<PatientData.Way> retrieval(String text) {
    return text.equalsIgnoreCase("auto")
        ? Optional.empty()
        : Optional.of(
            Stream.of(PatientData.Way.values())
                .filter(way -> way.name().equalsIgnoreCase(text))
                .findFirst()
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "must be one of auto, export, everything, search")));
  }

  private static String word(String text) {
    if (!text.matches("\\S+")) {
      throw new IllegalArgumentException("must be one word such as " + Pdex.PAYER_TO_PAYER);
    }
    return text;
  }

  private static String template(String text) {
    if (!text.contains(JOB_ID)) {
      throw new IllegalArgumentException("must hold " + JOB_ID);
    }
    URI.create(text.replace(JOB_ID, "1"));
    return text;
  }
}
