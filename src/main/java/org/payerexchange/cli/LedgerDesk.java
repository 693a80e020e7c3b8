package org.payerexchange.cli;

import static org.payerexchange.ops.Operations.ACTOR;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.boot.LedgerConfiguration;
import org.payerexchange.boot.PayerExchange;
import org.payerexchange.boot.Settings;
import org.payerexchange.boot.SettingsCheck;
import org.payerexchange.boot.Setup;
import org.payerexchange.files.AtomicFiles;
import org.payerexchange.files.Outbox;
import org.payerexchange.files.SharedFolders;
import org.payerexchange.files.TransferFolders;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.ledger.store.BatchQueries;
import org.payerexchange.ledger.store.ForgetLedger;
import org.payerexchange.ledger.store.LedgerDatabase;
import org.payerexchange.ledger.store.LedgerIdentity;
import org.payerexchange.ledger.store.OperatorAction;
import org.payerexchange.ledger.store.OperatorLedger;
import org.payerexchange.ledger.store.Pauses;
import org.payerexchange.ledger.store.RecurrenceLedger;
import org.payerexchange.ledger.store.TransferQueries;
import org.payerexchange.ops.Actions;
import org.payerexchange.ops.Forgetting;
import org.payerexchange.ops.Operations;
import org.payerexchange.ops.Recurring;
import org.payerexchange.ops.Reporting;

/** Works on the ledger itself; needs neither payers nor their secrets. */
final class LedgerDesk implements Desk {
  private final Operations operations;
  private final Actions actions;
  private final Reporting reporting;
  private final Recurring recurring;
  private final Forgetting forgetting;
  private final boolean embedded;
  private final Runnable close;

  private LedgerDesk(
      LedgerDatabase database,
      Operations operations,
      Actions actions,
      Reporting reporting,
      Recurring recurring,
      Forgetting forgetting,
      Runnable close) {
    this.embedded = database.embedded();
    this.operations = operations;
    this.actions = actions;
    this.reporting = reporting;
    this.recurring = recurring;
    this.forgetting = forgetting;
    this.close = close;
  }

  static Desk open(Setup setup) {
    return setup.read(
        settings -> {
          new SettingsCheck(settings).requireForms();
          LedgerDatabase database = LedgerConfiguration.existing(settings);
          try {
            return open(settings, database);
          } catch (RuntimeException unusable) {
            database.close();
            throw unusable;
          }
        });
  }

  private static LedgerDesk open(Settings settings, LedgerDatabase database) {
    BiPredicate<TokenClient.Kind, String> known = LedgerConfiguration.peers(settings, database);
    OperatorLedger operators = new OperatorLedger(database);
    Clock clock = Clock.systemUTC();
    return new LedgerDesk(
        database,
        new Operations(
            new TransferQueries(database),
            new BatchQueries(database),
            operators,
            LedgerConfiguration.holds(
                settings, database, LedgerConfiguration.tokenHolds(settings, database)),
            known),
        new Actions(operators, new Pauses(database), known),
        new Reporting(LedgerConfiguration.report(settings, database, clock), known),
        new Recurring(new RecurrenceLedger(database, clock), known),
        forgetting(settings, database),
        database::close);
  }

  private static Forgetting forgetting(Settings settings, LedgerDatabase database) {
    String work = settings.text("p2p.work.directory");
    String outbox = settings.text("p2p.outbox.directory");
    AtomicFiles files = new AtomicFiles(true);
    SharedFolders folders =
        new SharedFolders(new LedgerIdentity(database), work, outbox, Clock.systemUTC());
    return new Forgetting(
        new ForgetLedger(database, Clock.systemUTC()),
        new Outbox(outbox, files),
        new TransferFolders(work, files),
        folders);
  }

  /** On the ledger of a bundle in this JVM, which keeps it open. */
  static Desk of(PayerExchange running) {
    return new LedgerDesk(
        running.bean("ledgerDatabase", LedgerDatabase.class),
        running.bean("operations", Operations.class),
        running.bean("actions", Actions.class),
        running.bean("reporting", Reporting.class),
        running.bean("recurring", Recurring.class),
        running.bean("forgetting", Forgetting.class),
        () -> {});
  }

  @Override
  public JsonNode list(Map<String, String> filters) {
    return JsonLimits.views().valueToTree(operations.list(filters));
  }

  @Override
  public JsonNode show(String id) {
    return JsonLimits.views().valueToTree(operations.find(Map.of("id", id)));
  }

  @Override
  public JsonNode part(String id, String part, int page) {
    return JsonLimits.views()
        .valueToTree(operations.part(Map.of("id", id, "part", part, "page", page)));
  }

  @Override
  public int act(OperatorAction action, String id) {
    return Math.toIntExact(
        operations.act(action, Map.of("id", id, ACTOR, Desk.actor())).transfers());
  }

  @Override
  public JsonNode act(JsonNode body) throws IOException {
    return JsonLimits.views()
        .valueToTree(
            actions.act(JsonLimits.mapper().writeValueAsBytes(body), Map.of(ACTOR, Desk.actor())));
  }

  @Override
  public InputStream report(Map<String, String> asked) {
    Map<String, String> request = new TreeMap<>(asked);
    request.put(ACTOR, Desk.actor());
    return reporting.show(request);
  }

  @Override
  public JsonNode recurring(Map<String, String> filters) {
    return JsonLimits.views().valueToTree(recurring.list(filters));
  }

  @Override
  public JsonNode stopRecurring(String id) {
    return JsonLimits.views().valueToTree(recurring.stop(Map.of("id", id, ACTOR, Desk.actor())));
  }

  @Override
  public JsonNode changeRecurring(String id, Map<String, String> change) {
    Map<String, String> asked = new TreeMap<>(change);
    asked.put("id", id);
    asked.put(ACTOR, Desk.actor());
    return JsonLimits.views().valueToTree(recurring.change(asked));
  }

  @Override
  public JsonNode forget(Map<String, String> request) throws IOException {
    Map<String, String> asked = new TreeMap<>(request);
    asked.put(ACTOR, Desk.actor());
    return JsonLimits.views().valueToTree(forgetting.forget(asked));
  }

  @Override
  public boolean keepsOthersOut() {
    return embedded;
  }

  @Override
  public void close() {
    close.run();
  }
}
