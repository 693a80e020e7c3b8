package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.TestBundle;

class RecurringTest {
  @TempDir Path folder;

  @Test
  void aMemberIsAskedForAgainWhenItIsTimeAlsoAfterARestart() throws Exception {
    try (Sandbox sandbox = Sandbox.start(SandboxOptions.defaults())) {
      try (TestBundle bundle = bundle(sandbox)) {
        new Pipeline(bundle)
            .take(
                List.of(
                    Pipeline.record("REQ-1", Members.load("bison", 1))
                        .replaceFirst("\\{", "{\"repeatEvery\":\"P90D\",")));
        String first = awaitComplete(bundle, 1).get(0);
        due(bundle);

        List<String> both = awaitComplete(bundle, 2);

        assertThat(both.get(0)).isEqualTo(first);
        assertThat(manifest(bundle, both.get(1)))
            .contains("\"repeatOf\":\"" + first + "\"", "\"requestId\":\"REQ-1\"");
        assertThat(manifest(bundle, first)).doesNotContain("repeatOf");
        due(bundle);
        bundle.stop();
      }
      try (TestBundle again = bundle(sandbox)) {
        List<String> three = awaitComplete(again, 3);

        assertThat(manifest(again, three.get(2))).contains("\"repeatOf\":\"" + three.get(1) + "\"");
        assertThat(again.column("SELECT last_transfer FROM recurrence"))
            .containsExactly(three.get(2));
        assertThat(again.number("SELECT transfers FROM recurrence")).isEqualTo(3);
      }
    }
  }

  private TestBundle bundle(Sandbox sandbox) throws Exception {
    return Pipeline.payer(TestBundle.in(folder), "bison", sandbox)
        .set("p2p.recurring.interval", "100ms")
        .start();
  }

  /** Its time has come. */
  private static void due(TestBundle bundle) {
    bundle.jdbc().sql("UPDATE recurrence SET next_at = CURRENT_TIMESTAMP").update();
  }

  private static List<String> awaitComplete(TestBundle bundle, int count) {
    String complete = "SELECT id FROM transfer WHERE state = 'COMPLETE' ORDER BY id";
    await()
        .atMost(Duration.ofMinutes(3))
        .untilAsserted(() -> assertThat(bundle.column(complete)).hasSize(count));
    assertThat(bundle.number("SELECT COUNT(*) FROM transfer")).isEqualTo(count);
    return bundle.column(complete);
  }

  private static String manifest(TestBundle bundle, String transfer) throws Exception {
    return Files.readString(
            bundle.outbox().resolve("bison").resolve(transfer).resolve("manifest.json"))
        .replace(" ", "");
  }
}
