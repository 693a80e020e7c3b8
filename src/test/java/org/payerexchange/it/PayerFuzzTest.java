package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.support.TestBundle;
import org.slf4j.LoggerFactory;

/**
 * Transfers whose payer answers one kind of call with something else, each with another mutation:
 * {@code -Dp2p.fuzz.rounds} of them (500), by {@code -Dp2p.fuzz.seed}.
 */
class PayerFuzzTest {
  private static final int ROUNDS = Integer.getInteger("p2p.fuzz.rounds", 500);
  private static final long SEED = Long.getLong("p2p.fuzz.seed", 20261126L);

  /** So many are under way at once that none is late because of the others. */
  private static final int WAVE = 100;

  private static final Duration PATIENCE = Duration.ofMinutes(5);

  @TempDir Path folder;

  private final Logger root =
      ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger(Logger.ROOT_LOGGER_NAME);
  private final List<Appender<ILoggingEvent>> usual = new ArrayList<>();
  private final Watch watch = new Watch();

  @BeforeEach
  void watchTheLogAtDebug() {
    for (Iterator<Appender<ILoggingEvent>> each = root.iteratorForAppenders(); each.hasNext(); ) {
      usual.add(each.next());
    }
    usual.forEach(root::detachAppender);
    watch.setContext(root.getLoggerContext());
    watch.start();
    root.addAppender(watch);
    root.setLevel(Level.DEBUG);
  }

  @AfterEach
  void logAsUsual() {
    root.setLevel(Level.INFO);
    root.detachAppender(watch);
    usual.forEach(root::addAppender);
  }

  @Test
  void whateverAPayerAnswersEveryTransferEndsAndNobodyReadsOfIt() throws Exception {
    try (MutatingPayer payer = new MutatingPayer(SEED);
        TestBundle bundle =
            TestBundle.in(folder)
                .payer("bison", payer.url())
                .set("p2p.payers.bison.max-parallel-requests", "32")
                .set("p2p.payers.bison.incremental", "true")
                .set("p2p.http.response-timeout", "2s")
                .set("p2p.http.answer-timeout", "5s")
                .set("p2p.http.max-answer-bytes", "65536")
                .set("p2p.token.refusal-memory", "50ms")
                .set("p2p.retry.max-delay", "1s")
                .set("p2p.retry.deadline", "10s")
                .set("p2p.poll.deadline", "20s")
                .start()) {
      Pipeline pipeline = new Pipeline(bundle);
      for (int first = 1; first <= ROUNDS; first += WAVE) {
        int last = Math.min(first + WAVE - 1, ROUNDS);
        pipeline.take(IntStream.rangeClosed(first, last).mapToObj(PayerFuzzTest::record).toList());
        int enough = last == ROUNDS ? ROUNDS : last - WAVE / 2;
        await()
            .atMost(PATIENCE)
            .pollInterval(Duration.ofMillis(500))
            .untilAsserted(
                () ->
                    assertThat(pipeline.count("COMPLETE", "NO_MATCH", "FAILED"))
                        .isGreaterThanOrEqualTo(enough));
      }

      System.out.println(
          "mutated answers: %d; ends: %s"
              .formatted(
                  payer.mutated(),
                  pipeline.column(
                      """
                      SELECT state || ' ' || COALESCE(reason, '') || ' ' || COUNT(*) FROM transfer
                      GROUP BY state, reason ORDER BY state, reason""")));

      assertThat(payer.mutated()).isGreaterThan(ROUNDS / 2);
      assertThat(pipeline.count("COMPLETE")).as("most mutations pass").isGreaterThan(ROUNDS / 3);
      assertThat(
              pipeline.column(
                  "SELECT id FROM transfer WHERE state <> 'COMPLETE' AND reason IS NULL"))
          .isEmpty();
      assertThat(pipeline.column("SELECT id FROM transfer WHERE reason = 'INTERNAL'")).isEmpty();
      assertThat(words(pipeline)).noneMatch(word -> word.contains(MutatingPayer.PHI));
      assertThat(watch.seen()).isEmpty();
      assertThat(payer.longestEndless()).isLessThan(MutatingPayer.ENDLESS);
    }
  }

  private static String record(int number) {
    return Pipeline.record(
        "R-" + number,
        "bison",
        "M-" + number,
        "Ada",
        "Marlowe",
        "1980-04-05",
        "C-" + number + "-x");
  }

  /** What operators are shown. */
  private static List<String> words(Pipeline pipeline) {
    return Stream.of(
            "SELECT detail FROM transfer",
            "SELECT detail FROM transfer_event",
            "SELECT detail FROM export_job",
            "SELECT warnings FROM export_job",
            "SELECT progress FROM export_job",
            "SELECT detail FROM output_file",
            "SELECT warnings FROM output_file",
            "SELECT hold_why FROM payer_gate")
        .flatMap(sql -> pipeline.column(sql).stream())
        .filter(Objects::nonNull)
        .distinct()
        .toList();
  }

  /** Keeps what a log would tell of a person, and nothing else. */
  private static final class Watch extends AppenderBase<ILoggingEvent> {
    private final Queue<String> seen = new ConcurrentLinkedQueue<>();

    List<String> seen() {
      return seen.stream().distinct().limit(20).toList();
    }

    @Override
    protected void append(ILoggingEvent event) {
      String text =
          event.getFormattedMessage()
              + (event.getThrowableProxy() == null
                  ? ""
                  : ThrowableProxyUtil.asString(event.getThrowableProxy()));
      if (text.contains(MutatingPayer.PHI)) {
        int at = text.indexOf(MutatingPayer.PHI);
        seen.add(event.getLoggerName() + ": " + text.substring(Math.max(0, at - 200), at));
      }
    }
  }
}
