package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.TestBundle;

/** Nobody was asked while the token endpoint was away. */
class AskedWhenSentTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String TRIED = "SELECT what FROM transfer_event WHERE what = 'RETRY_LATER'";
  private static final String ASKED = "SELECT id FROM transfer WHERE asked_at IS NOT NULL";

  @TempDir Path folder;

  @Test
  void aMemberIsAskedForWhenTheMatchIsSent() throws Exception {
    try (Sandbox sandbox = Sandbox.start(SandboxOptions.defaults())) {
      sandbox.faults().next(RequestKind.TOKEN, Fault.UNAVAILABLE, 1_000_000);
      try (TestBundle bundle = Pipeline.payer(TestBundle.in(folder), "bison", sandbox).start()) {
        new Pipeline(bundle).take(List.of(Pipeline.record("REQ-1", Members.load("bison", 1))));

        assertAskedOnceThereIsAToken(bundle, sandbox, 1);
      }
    }
  }

  @Test
  void theMembersOfABatchAreAskedForWhenTheirMatchIsSent() throws Exception {
    try (Sandbox sandbox = PdexPayer.sandbox()) {
      sandbox.faults().next(RequestKind.TOKEN, Fault.UNAVAILABLE, 1_000_000);
      try (TestBundle bundle = PdexPayer.add(TestBundle.in(folder), sandbox, 3).start()) {
        PdexPayer.take(bundle, PdexPayer.plain(0, 3));

        assertAskedOnceThereIsAToken(bundle, sandbox, 3);
      }
    }
  }

  private static void assertAskedOnceThereIsAToken(
      TestBundle bundle, Sandbox sandbox, int members) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(bundle.column(TRIED)).hasSizeGreaterThanOrEqualTo(2));
    assertThat(bundle.column(ASKED)).isEmpty();

    sandbox.faults().clear();

    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(bundle.column(ASKED)).hasSizeGreaterThanOrEqualTo(members));
  }
}
