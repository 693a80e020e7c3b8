package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.FileAppender;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.sandbox.Member;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.TestBundle;
import org.slf4j.LoggerFactory;

/** What the logs and the ledger's own words say of a member: nothing, whatever the log level. */
class PrivacyTest {
  private static final List<String> SAMPLES =
      List.of(
          "01-reference-page.json",
          "02-members.ndjson",
          "03-members.csv",
          "06-broken-downloads.json",
          "07-job-fails.json");

  @TempDir Path folder;

  private final LoggerContext logging = (LoggerContext) LoggerFactory.getILoggerFactory();
  private final Logger root = logging.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final FileAppender<ILoggingEvent> log = new FileAppender<>();
  private Level usual;

  @BeforeEach
  void logEverythingAtDebug() {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(logging);
    encoder.setPattern("%level %logger %thread %mdc %msg%n%ex{full}");
    encoder.start();
    log.setContext(logging);
    log.setFile(folder.resolve("debug.log").toString());
    log.setEncoder(encoder);
    log.start();
    usual = root.getLevel();
    root.detachAppender("console");
    root.addAppender(log);
    root.setLevel(Level.DEBUG);
  }

  @AfterEach
  void logAsUsual() {
    root.setLevel(usual);
    root.detachAppender(log);
    log.stop();
  }

  @Test
  void noNameNoIdAndNoSecretReachesALogAtDebug() throws Exception {
    Set<String> secrets = new TreeSet<>();
    try (Sandbox sandbox = Sandbox.start(SandboxOptions.defaults());
        TestBundle bundle =
            TestBundle.in(folder)
                .payer("bison", sandbox.origin().toString())
                .payer("heron", sandbox.origin().toString())
                .set("p2p.payers.bison.client-id", SandboxOptions.DEFAULT_CLIENT_ID)
                .set("p2p.payers.bison.client-secret", SandboxOptions.DEFAULT_CLIENT_SECRET)
                .set("p2p.payers.heron.client-id", SandboxOptions.DEFAULT_CLIENT_ID)
                .set("p2p.payers.heron.client-secret", SandboxOptions.DEFAULT_CLIENT_SECRET)
                .set("p2p.default-payer", "bison")
                .start()) {
      for (Member member : sandbox.sampleMembers()) {
        secrets.add(member.family());
        secrets.add(member.given());
        secrets.add(member.memberId());
        secrets.add(member.coverageId());
        secrets.add(member.birthDate().toString());
      }
      secrets.add(SandboxOptions.DEFAULT_CLIENT_SECRET);
      for (String sample : SAMPLES) {
        drop(sample, bundle.inbox());
      }
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> ended(bundle) && count(bundle, "RECEIVED", "MATCHED") == 0);
      assertThat(ledgerWords(bundle)).doesNotContain(secrets.toArray(String[]::new));
    }
    log.stop();
    String logged = Files.readString(folder.resolve("debug.log"));
    assertThat(logged).contains("DEBUG");
    assertThat(logged).doesNotContain("\"resourceType\"");
    for (String secret : secrets) {
      assertThat(logged.contains(secret)).as("logged: %s", secret).isFalse();
    }
    assertThat(logged).doesNotContainPattern("Bearer [A-Za-z0-9]");
  }

  private static void drop(String sample, Path inbox) throws IOException {
    try (InputStream in = PrivacyTest.class.getResourceAsStream("/samples/" + sample)) {
      Path part = inbox.resolve(sample + ".part");
      Files.copy(in, part);
      Files.move(part, inbox.resolve(sample));
    }
  }

  private static boolean ended(TestBundle bundle) {
    return count(bundle, "COMPLETE") > 0
        && count(bundle, "REJECTED") > 0
        && count(bundle, "FAILED") > 0;
  }

  private static long count(TestBundle bundle, String... states) {
    return bundle
        .jdbc()
        .sql("SELECT COUNT(*) FROM transfer WHERE state IN (:states)")
        .param("states", List.of(states))
        .query(Long.class)
        .single();
  }

  private static String ledgerWords(TestBundle bundle) {
    return Stream.of(
            "SELECT detail FROM transfer WHERE detail IS NOT NULL",
            "SELECT detail FROM transfer_event WHERE detail IS NOT NULL",
            "SELECT warnings FROM export_job WHERE warnings IS NOT NULL",
            "SELECT detail FROM output_file WHERE detail IS NOT NULL")
        .flatMap(sql -> bundle.jdbc().sql(sql).query(String.class).list().stream())
        .reduce("", String::concat);
  }
}
