package org.payerexchange.boot;

import java.util.Map;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.payerexchange.ledger.Begun;
import org.payerexchange.ledger.BegunQueries;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells at the start which payers there are, and what waits in the ledger for what their dialects
 * have not.
 */
final class ToldPayers {
  private static final Logger LOG = LoggerFactory.getLogger(ToldPayers.class);

  private ToldPayers() {}

  /** Before any step is taken: some would fail at once, and not be counted. */
  static void tell(CamelContext context) {
    Payers payers = context.getRegistry().findSingleByType(Payers.class);
    if (payers == null) {
      // routes of somebody's own
      return;
    }
    if (payers.all().isEmpty()) {
      LOG.warn("no payer is configured, so that every record is rejected: see payers.properties");
      return;
    }
    LOG.info(
        "payers: {}",
        payers.all().stream()
            .map(payer -> "%s (dialect=%s)".formatted(payer.id(), payer.dialect().key()))
            .collect(Collectors.joining(", ")));
    Map<String, Map<Begun, Long>> begun =
        context.getRegistry().findSingleByType(BegunQueries.class).byPayer();
    payers
        .all()
        .forEach(
            payer ->
                begun
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
