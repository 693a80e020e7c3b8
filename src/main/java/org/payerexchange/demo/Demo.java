package org.payerexchange.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.payerexchange.auth.NewKey;
import org.payerexchange.boot.PayerExchange;
import org.payerexchange.boot.Setup;
import org.payerexchange.files.AtomicFiles;
import org.payerexchange.files.PrivateFiles;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.ledger.store.TransferFilter;
import org.payerexchange.ledger.store.TransferQueries;
import org.payerexchange.ledger.store.TransferSummary;
import org.payerexchange.sandbox.AuthMethod;
import org.payerexchange.sandbox.BulkMatch;
import org.payerexchange.sandbox.ExportedJob;
import org.payerexchange.sandbox.HrexOptions;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;

/**
 * The bundle at work on the sample members: sandbox gateway, broker and bundle in this JVM, all of
 * it in one folder.
 */
final class Demo {
  /** The payer that discovery leads to, and a signed assertion lets in. */
  private static final String BY_KEY = "heron";

  /** The payer that is asked for many members at once: {@code demo.properties} has its dialect. */
  private static final String MANY = "otter";

  /** The payer whose Patients are read in pages: {@code demo.properties} has its dialect. */
  private static final String IN_PAGES = "plover";

  /** Few enough that a Patient has several pages. */
  private static final int PAGE_SIZE = 10;

  private static final Duration STANDSTILL = Duration.ofSeconds(90);
  private static final Duration LONGEST_CLEAN_UP = Duration.ofSeconds(5);
  private static final Duration LOOK = Duration.ofMillis(150);

  private final PrintWriter out;
  private final boolean rewritable;
  private final Path folder;
  private final Optional<Path> routes;
  private final Map<String, JsonNode> outcomes = new HashMap<>();

  /**
   * @param rewritable whether the output is a terminal whose lines can be rewritten
   * @param folder for everything that the demo leaves; made if it is missing
   * @param routes as in {@link Setup}
   */
  Demo(PrintWriter out, boolean rewritable, Path folder, Optional<Path> routes) {
    this.out = out;
    this.rewritable = rewritable;
    this.folder = folder;
    this.routes = routes;
  }

  /** Runs it to its end; returns whether every sample ended as expected. */
  boolean run() throws Exception {
    List<DemoSample> samples = DemoSample.all();
    out.printf("%n  Payer Exchange: %d sample members, four simulated payers;%n", samples.size());
    out.printf("  %s is asked by assertions that a new key signs (private_key_jwt),%n", BY_KEY);
    out.printf("  %s for twenty members at once (PDex),%n", MANY);
    out.printf("  and %s for one member and its Patient's data, in pages (HRex)%n%n", IN_PAGES);
    out.flush();
    JWK key = key();
    SandboxOptions options =
        SandboxOptions.builder()
            .brokerPort(0)
            .hrex(HrexOptions.defaults().paging(PAGE_SIZE))
            .tenants(Set.of("bison", BY_KEY, MANY, IN_PAGES))
            .client(
                known ->
                    known
                        .withKeys(new JWKSet(key.toPublicJWK()))
                        .by(AuthMethod.CLIENT_SECRET_POST, AuthMethod.PRIVATE_KEY_JWT))
            .build();
    try (Sandbox sandbox = Sandbox.start(options);
        PayerExchange bundle = PayerExchange.start(setup(sandbox));
        DemoQueues queues = new DemoQueues(sandbox.brokerUrl())) {
      long start = System.nanoTime();
      send(samples, queues);
      TransferQueries queries =
          bundle.context().getRegistry().findSingleByType(TransferQueries.class);
      follow(samples, queries, queues, start);
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      awaitRelease(sandbox, queues);

      List<TransferSummary> transfers = transfers(queries);
      DemoInspection inspection = new DemoInspection(outbox(), sandbox, transfers, outcomes);
      List<DemoResult> results = new ArrayList<>();
      for (DemoSample sample : samples) {
        results.add(inspection.inspect(sample));
      }
      DemoReport report = new DemoReport(out);
      report.table(results);
      report.totals(results, sandbox, took);
      report.folders(folders());
      return results.stream().allMatch(DemoResult::isExpected)
          && sandbox.requests().unexpected().isEmpty();
    }
  }

  private Setup setup(Sandbox sandbox) throws IOException {
    Properties settings = new Properties();
    try (InputStream file = Demo.class.getResourceAsStream("/demo.properties")) {
      settings.load(file);
    }
    settings.setProperty("p2p.inbox.directory", inbox().toString());
    settings.setProperty("p2p.work.directory", folder.resolve("work").toString());
    settings.setProperty("p2p.outbox.directory", outbox().toString());
    settings.setProperty(
        "p2p.database.url", "jdbc:h2:file:" + folder.resolve("data/ledger").toAbsolutePath());
    settings.setProperty("p2p.jms.url", sandbox.brokerUrl());
    for (String tenant : sandbox.options().tenants()) {
      String prefix = "p2p.payers." + tenant + ".";
      settings.setProperty(prefix + "base-url", sandbox.baseUrl(tenant).toString());
      settings.setProperty(prefix + "client-id", sandbox.options().clientId());
      if (tenant.equals(BY_KEY)) {
        settings.setProperty(prefix + "token-auth", AuthMethod.PRIVATE_KEY_JWT.toString());
        settings.setProperty(prefix + "private-key-file", keyFile().toString());
      } else {
        settings.setProperty(prefix + "token-url", sandbox.tokenUrl().toString());
        settings.setProperty(prefix + "client-secret", sandbox.options().clientSecret());
      }
      settings.setProperty(prefix + "scope", SandboxOptions.SCOPE);
    }
    Setup setup = new Setup(Optional.empty(), routes).withoutEnvironment();
    for (String key : settings.stringPropertyNames()) {
      setup = setup.with(key, settings.getProperty(key));
    }
    return setup;
  }

  /** A new one in each run, so that none lies about that opens anything. */
  private JWK key() throws IOException, JOSEException, ParseException {
    byte[] key = NewKey.ES384.make();
    PrivateFiles.createFolders(keyFile().getParent());
    try (FileChannel file = PrivateFiles.create(keyFile())) {
      Channels.newOutputStream(file).write(key);
    }
    return JWK.parse(new String(key, UTF_8));
  }

  private void send(List<DemoSample> samples, DemoQueues queues) throws IOException {
    for (DemoSample sample : samples) {
      switch (sample.way()) {
        case FILE -> drop(sample);
        case JMS -> queues.send(sample.content(), sample.properties());
      }
    }
  }

  /** Files come to the inbox whole, by a rename. */
  private void drop(DemoSample sample) throws IOException {
    if (sample.record() > 1) {
      return;
    }
    Path samples = Files.createDirectories(folder.resolve("samples"));
    Files.write(samples.resolve(sample.file()), sample.content());
    Path payer = Files.createDirectories(inbox().resolve(sample.payer()));
    new AtomicFiles(false)
        .write(payer.resolve(sample.file()), AtomicFiles.Content.of(sample.content()));
  }

  private void follow(
      List<DemoSample> samples, TransferQueries queries, DemoQueues queues, long start)
      throws IOException {
    DemoProgress progress = new DemoProgress(out, rewritable);
    Map<DemoSample, TransferState> states = Map.of();
    Duration sinceStart = Duration.ZERO;
    Duration changed = Duration.ZERO;
    while (!isOver(samples, states) && sinceStart.minus(changed).compareTo(STANDSTILL) < 0) {
      int outcomesBefore = outcomes.size();
      receive(queues);
      Map<DemoSample, TransferState> now = states(samples, transfers(queries));
      sinceStart = Duration.ofNanos(System.nanoTime() - start);
      if (!now.equals(states) || outcomes.size() > outcomesBefore) {
        changed = sinceStart;
      }
      states = now;
      progress.show(sinceStart, samples, states);
    }
    progress.end();
    if (!isOver(samples, states)) {
      out.printf(
          "%n  Nothing has moved for %d s, and not all has ended: demo.log may say why.%n",
          STANDSTILL.toSeconds());
    }
  }

  private boolean isOver(List<DemoSample> samples, Map<DemoSample, TransferState> states) {
    long outcomesToCome =
        samples.stream()
            .filter(sample -> states.get(sample) != TransferState.REJECTED)
            .map(DemoSample::place)
            .distinct()
            .count();
    return states.size() == samples.size()
        && states.values().stream().allMatch(TransferState::terminal)
        && outcomes.size() >= outcomesToCome;
  }

  private static Map<DemoSample, TransferState> states(
      List<DemoSample> samples, List<TransferSummary> transfers) {
    Map<DemoSample, TransferState> states = new LinkedHashMap<>();
    for (DemoSample sample : samples) {
      transfers.stream()
          .filter(sample::is)
          .findFirst()
          .ifPresent(transfer -> states.put(sample, transfer.state()));
    }
    return states;
  }

  /** Jobs are given back after the outcome; the demo does not stop in between. */
  private void awaitRelease(Sandbox sandbox, DemoQueues queues) throws IOException {
    long until = System.nanoTime() + LONGEST_CLEAN_UP.toNanos();
    while (!isReleased(sandbox) && System.nanoTime() < until) {
      receive(queues);
    }
  }

  private static boolean isReleased(Sandbox sandbox) {
    return sandbox.jobs().stream().allMatch(ExportedJob::released)
        && sandbox.bulkMatches().stream().allMatch(BulkMatch::released);
  }

  private void receive(DemoQueues queues) throws IOException {
    Duration wait = LOOK;
    Optional<JsonNode> outcome = queues.outcome(wait);
    while (outcome.isPresent()) {
      outcomes.put(outcome.get().path("transfer").asText(), outcome.get());
      outcome = queues.outcome(Duration.ofMillis(1));
    }
  }

  private static List<TransferSummary> transfers(TransferQueries queries) {
    return queries.page(TransferFilter.ALL, 0, 1000).transfers();
  }

  private Map<String, Path> folders() {
    Map<String, Path> folders = new LinkedHashMap<>();
    folders.put("delivered", outbox());
    folders.put("refused", inbox().resolve(".rejected"));
    folders.put("samples", folder.resolve("samples"));
    folders.put("log", folder.resolve("demo.log"));
    return folders;
  }

  private Path keyFile() {
    return folder.resolve("keys").resolve(BY_KEY + ".json");
  }

  private Path inbox() {
    return folder.resolve("inbox");
  }

  private Path outbox() {
    return folder.resolve("outbox");
  }
}
