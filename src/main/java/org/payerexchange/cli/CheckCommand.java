package org.payerexchange.cli;

import ca.uhn.fhir.rest.client.api.IGenericClient;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.hl7.fhir.r4.model.CapabilityStatement;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.auth.Tokens;
import org.payerexchange.boot.Failures;
import org.payerexchange.boot.PayerExchange;
import org.payerexchange.boot.Settings;
import org.payerexchange.boot.SettingsCheck;
import org.payerexchange.boot.Setup;
import org.payerexchange.delivery.fhir.FhirServer;
import org.payerexchange.http.PayerReach;
import org.payerexchange.http.SmartConfigurations;
import org.payerexchange.ledger.TokenHold;
import org.payerexchange.ops.OwnCertificates;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;
import org.payerexchange.step.Causes;
import org.payerexchange.step.TransferException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code check}: every key, payer, database, broker and FHIR server tried once, one line each. */
@Command(
    name = "check",
    description =
        "Tries the configuration once: keys, folders, routes, sinks, database, broker, payers with their tokens, FHIR server.",
    mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
  private static final String DATABASE = "p2p.database.url";

  @Mixin private Location location;
  @Spec private CommandSpec spec;

  @Option(
      names = "--offline",
      description = "Calls neither payers nor the FHIR server; their settings are read.")
  private boolean offline;

  private boolean failed;

  /** What another key than that of the token endpoint leads to does not answer. */
  private static final class PeerUnreached extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PeerUnreached(String words) {
      super(words);
    }
  }

  /** Something that is tried, and what there is to say about it when it works. */
  private interface Trial {
    String run() throws Exception;
  }

  @Override
  public Integer call() throws IOException {
    Setup configured = location.quiet();
    Setup setup = configured.with("p2p.ops.port", "");
    try (UnmadeFolders unmade = new UnmadeFolders(configured)) {
      boolean sound = settings(configured);
      unmade.unmake();
      if (sound) {
        broker(setup);
        ledgerAndPeers(unmade.elsewhere(setup));
      }
    }
    return failed ? 1 : 0;
  }

  private boolean settings(Setup setup) {
    List<String> problems = setup.read(settings -> new SettingsCheck(settings).problems());
    problems.forEach(problem -> line("settings", "FAILED", problem));
    if (problems.isEmpty()) {
      line("settings", "ok", setup.read(CheckCommand::folders));
    }
    failed |= !problems.isEmpty();
    return problems.isEmpty();
  }

  private static String folders(Settings settings) {
    return "inbox %s, work %s, outbox %s"
        .formatted(
            settings.text("p2p.inbox.directory"),
            settings.text("p2p.work.directory"),
            settings.text("p2p.outbox.directory"));
  }

  private void broker(Setup setup) {
    String url = setup.read(settings -> settings.text("p2p.jms.url"));
    if (url.isEmpty()) {
      line("broker", "off", "p2p.jms.url is empty");
      return;
    }
    attempt(
        "broker",
        "p2p.jms.url",
        url,
        () -> {
          try (ActiveMQConnectionFactory factory = factory(url);
              Connection connection = connect(factory, setup)) {
            return bare(url) + ", " + connection.getMetaData().getJMSProviderName();
          }
        });
  }

  /** The client's own words for a URL that it cannot read are about its code. */
  private static ActiveMQConnectionFactory factory(String url) {
    try {
      return new ActiveMQConnectionFactory(url);
    } catch (IllegalStateException unreadable) {
      throw new IllegalArgumentException("is no URL of a broker, such as tcp://broker:61616");
    }
  }

  private static Connection connect(ConnectionFactory factory, Setup setup) throws Exception {
    String user = setup.read(settings -> settings.text("p2p.jms.user"));
    String password = setup.read(settings -> settings.text("p2p.jms.password"));
    return user.isEmpty() ? factory.createConnection() : factory.createConnection(user, password);
  }

  private void ledgerAndPeers(Setup setup) {
    String url = setup.read(settings -> settings.text(DATABASE));
    Optional<PayerExchange> running = location.running();
    if (running.isPresent()) {
      line("database", "ok", bare(url) + ", open in the running routes");
      peers(running.get());
      return;
    }
    try (PayerExchange bundle = quietly(setup.with(DATABASE, ifThere(url)))) {
      line("database", "ok", bare(url));
      peers(bundle);
    } catch (Exception e) {
      if (Failures.isDatabaseInUse(e)) {
        line("database", "ok", bare(url) + ", open in the running process");
        peersAlone(setup);
      } else if (Failures.isDatabaseMissing(e)) {
        line("database", "ok", bare(url) + ", which the first start makes");
        peersAlone(setup);
      } else {
        fail("start", e);
      }
    }
  }

  /** A check leaves no ledger that others would take for theirs. */
  private static String ifThere(String url) {
    return url.startsWith("jdbc:h2:") && !url.startsWith("jdbc:h2:mem:")
        ? url + ";IFEXISTS=TRUE"
        : url;
  }

  private void peersAlone(Setup setup) {
    try (PayerExchange bundle = quietly(setup.with(DATABASE, "jdbc:h2:mem:check"))) {
      peers(bundle);
    } catch (Exception e) {
      fail("start", e);
    }
  }

  /** All routes are read, with what sinks lead to, and those alone run that this command calls. */
  private static PayerExchange quietly(Setup setup) throws Exception {
    PayerExchange bundle = PayerExchange.start(setup.with("camel.main.auto-startup", "false"));
    bundle.startRoutes("payer-call");
    return bundle;
  }

  private void peers(PayerExchange bundle) {
    payers(bundle);
    fhirServer(bundle);
    certificates(bundle);
  }

  /** What ends soon is told, and is no failure. */
  private void certificates(PayerExchange bundle) {
    bundle
        .bean("ownCertificates", OwnCertificates.class)
        .notices()
        .forEach(notice -> line("certificates", "soon", notice));
  }

  private void payers(PayerExchange bundle) {
    Payers payers = bundle.bean("payers", Payers.class);
    Tokens tokens = bundle.bean("tokens", Tokens.class);
    if (payers.all().isEmpty()) {
      failed = true;
      line("payers", "FAILED", "none is configured: see payers.properties");
    }
    SmartConfigurations configurations =
        bundle.bean("smartConfigurations", SmartConfigurations.class);
    for (Payer payer : payers.all()) {
      if (offline) {
        line("payer " + payer.id(), "off", "not called: --offline");
      } else {
        payer(payer, tokens, configurations, bundle);
      }
    }
  }

  private void payer(
      Payer payer, Tokens tokens, SmartConfigurations configurations, PayerExchange bundle) {
    TokenClient client = payer.client();
    boolean discovered = client.tokenUrl() == null;
    attempt(
        "payer " + payer.id(),
        "%s.%s".formatted(client.keys(), discovered ? "base-url" : "token-url"),
        String.valueOf(discovered ? payer.baseUrl() : client.tokenUrl()),
        () -> {
          tokens.get(client);
          TokenClient asked = configurations.applied(client);
          return "dialect %s, %s answers %d to metadata, token from %s by %s"
              .formatted(
                  payer.dialect().key(),
                  payer.baseUrl(),
                  reached(payer, bundle),
                  asked.tokenUrl(),
                  asked.tokenAuth().key());
        });
  }

  private static int reached(Payer payer, PayerExchange bundle) {
    try {
      return PayerReach.status(bundle.context().createProducerTemplate(), payer);
    } catch (Exception e) {
      throw new PeerUnreached(
          failure(payer.client().keys() + ".base-url", payer.baseUrl().toString(), e).getMessage());
    }
  }

  private void fhirServer(PayerExchange bundle) {
    String url = bundle.bean("fhirServer", FhirServer.class).baseUrl();
    if (offline) {
      line("FHIR server", "off", "not called: --offline");
      return;
    }
    if (url.isEmpty()) {
      line("FHIR server", "off", "p2p.deliver.fhir.base-url is empty");
      return;
    }
    attempt(
        "FHIR server",
        "p2p.deliver.fhir.base-url",
        url,
        () -> {
          CapabilityStatement statement =
              bundle
                  .bean("fhirClient", IGenericClient.class)
                  .capabilities()
                  .ofType(CapabilityStatement.class)
                  .elementsSubset("fhirVersion")
                  .execute();
          String version = statement.getFhirVersion().toCode();
          if (!version.startsWith("4.0")) {
            throw new IllegalArgumentException(
                "it speaks FHIR %s, and R4 is what is delivered".formatted(version));
          }
          return "%s, FHIR %s".formatted(url, version);
        });
  }

  /** Parameters may hold passwords, and so may what comes before the host. */
  private static String bare(String url) {
    return url.replaceAll("[?;].*", "").replaceAll("//[^/@]*@", "//");
  }

  private void attempt(String what, String key, String url, Trial trial) {
    try {
      line(what, "ok", trial.run());
    } catch (PeerUnreached named) {
      fail(what, named);
    } catch (Exception e) {
      fail(what, tokenRefusal(e).orElseGet(() -> failure(key, url, e)));
    }
  }

  private static IllegalArgumentException failure(String key, String url, Exception cause) {
    return new IllegalArgumentException(
        "%s (%s): %s".formatted(key, bare(url), Failures.inOneLine(cause)));
  }

  private static Optional<IllegalArgumentException> tokenRefusal(Exception failure) {
    return Causes.find(failure, TransferException.class)
        .filter(none -> none.reason().isOfTokens())
        .map(
            none ->
                new IllegalArgumentException(
                    "%s, %s"
                        .formatted(
                            none.reason(), TokenHold.advised(none.reason(), none.getMessage()))));
  }

  private void fail(String what, Exception failure) {
    failed = true;
    line(what, "FAILED", Failures.inOneLine(failure));
  }

  private void line(String what, String result, String detail) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf("%-16s %-7s %s%n", what, result, detail);
    out.flush();
  }
}
