package org.payerexchange.boot;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.payerexchange.delivery.Sink;
import org.payerexchange.ledger.Begun;
import org.payerexchange.ledger.store.BegunQueries;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the log says at the start: the version, the ledger, the folders, who is asked, where data
 * goes and what is off; and what waits in the ledger for what payers' dialects have not.
 */
final class StartBlock {
  private static final Logger LOG = LoggerFactory.getLogger(StartBlock.class);
  private static final Pattern PARAMETERS = Pattern.compile("[;?].*");
  private static final Pattern H2_FILE = Pattern.compile("(jdbc:h2:(?:file:)?)([^:~]+)");

  private final Settings settings;
  private final Payers payers;
  private final BegunQueries begun;

  private StartBlock(Settings settings, Payers payers, BegunQueries begun) {
    this.settings = settings;
    this.payers = payers;
    this.begun = begun;
  }

  /** Before any step is taken: some would fail at once, and not be counted. */
  static void tell(CamelContext context) {
    Payers payers = context.getRegistry().findSingleByType(Payers.class);
    // without any there are routes of somebody's own
    if (payers != null) {
      new StartBlock(
              new Settings(context),
              payers,
              context.getRegistry().findSingleByType(BegunQueries.class))
          .tell();
    }
  }

  private void tell() {
    LOG.info(
        "Payer Exchange {}",
        Optional.ofNullable(StartBlock.class.getPackage().getImplementationVersion())
            .orElse("(from its sources)"));
    LOG.info("ledger: {}", ledger(settings.text("p2p.database.url")));
    Stream.of("inbox", "work", "outbox")
        .forEach(
            each ->
                LOG.info("{}: {}", each, absolute(settings.text("p2p." + each + ".directory"))));
    if (payers.all().isEmpty()) {
      LOG.warn("no payer is configured, so that every record is rejected: see payers.properties");
    } else {
      LOG.info(
          "payers: {}",
          payers.all().stream()
              .map(payer -> "%s (dialect=%s)".formatted(payer.id(), payer.dialect().key()))
              .collect(Collectors.joining(", ")));
    }
    LOG.info(
        "sinks: {}",
        Stream.concat(
                Stream.of("the outbox"), settings.sinks().all().stream().map(StartBlock::words))
            .collect(Collectors.joining(", ")));
    String off = off();
    if (!off.isEmpty()) {
      LOG.info("off: {}", off);
    }
    tellWhatWaits();
  }

  /** Without its parameters, which may be secrets. */
  static String ledger(String url) {
    String bare = PARAMETERS.matcher(url).replaceFirst("");
    Matcher file = H2_FILE.matcher(bare);
    return file.matches() ? file.group(1) + absolute(file.group(2)) : bare;
  }

  private static String absolute(String folder) {
    return Path.of(folder).toAbsolutePath().normalize().toString();
  }

  /** The URI may hold a secret. */
  private static String words(Sink sink) {
    int scheme = sink.uri().indexOf(':');
    return scheme < 0
        ? sink.name()
        : "%s (%s)".formatted(sink.name(), sink.uri().substring(0, scheme));
  }

  private String off() {
    return Stream.of(
            Map.entry("messages", "p2p.jms.url"),
            Map.entry("a FHIR server", "p2p.deliver.fhir.base-url"),
            Map.entry("ops", "p2p.ops.port"),
            Map.entry("tracing", "p2p.tracing.endpoint"))
        .filter(each -> settings.find(each.getValue()).isEmpty())
        .map(each -> "%s (%s is empty)".formatted(each.getKey(), each.getValue()))
        .collect(Collectors.joining(", "));
  }

  private void tellWhatWaits() {
    Map<String, Map<Begun, Long>> waiting = begun.byPayer();
    payers
        .all()
        .forEach(
            payer ->
                waiting
                    .getOrDefault(payer.id(), Map.of())
                    .forEach((how, count) -> tell(payer, how, count)));
  }

  private static void tell(Payer payer, Begun begun, long count) {
    if (!begun.isOf(payer.dialect())) {
      LOG.warn(
          "payer {} has dialect={} now; transfers that wait {} by the dialect before: {}; {}",
          payer.id(),
          payer.dialect().key(),
          begun.words(),
          count,
          begun.isAskedOtherwise()
              ? "they are asked for otherwise, by themselves; put the dialect back if that is not meant"
              : "they fail (UNKNOWN_PAYER); put the dialect back and retry them, or send their records anew");
    }
  }
}
