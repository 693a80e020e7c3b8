package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.Member;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.TestBundle;

/** Nobody was asked while the token endpoint was away, or where no connection came about. */
class AskedWhenSentTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String TRIED = "SELECT what FROM transfer_event WHERE what = 'RETRY_LATER'";
  private static final String ASKED = "SELECT id FROM transfer WHERE asked_at IS NOT NULL";

  private static final String TRIED_AT =
      """
      SELECT DISTINCT payer FROM transfer JOIN transfer_event ON transfer_id = id
      WHERE what = 'RETRY_LATER' ORDER BY payer""";
  private static final String STARTED =
      "SELECT what FROM transfer_event WHERE what = 'KICKOFF_STARTED'";
  private static final String NOBODY_LISTENS = "http://127.0.0.1:1";

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

  @Test
  void whoIsNotReachedIsNotAskedAndWhoAnswersAFaultIs() throws Exception {
    try (Sandbox sandbox = Sandbox.start(SandboxOptions.defaults())) {
      sandbox.faults().next(RequestKind.MATCH, Fault.UNAVAILABLE, 1_000_000);
      try (TestBundle bundle =
          withUrls(
                  Pipeline.payer(TestBundle.in(folder), "bison", sandbox),
                  sandbox,
                  Map.of(
                      "refusing",
                      NOBODY_LISTENS,
                      "unknown",
                      "https://nobody.invalid",
                      "plain",
                      "https://localhost:" + sandbox.origin().getPort()))
              .start()) {
        Member member = Members.load("bison", 1);
        new Pipeline(bundle)
            .take(
                Stream.of("bison", "refusing", "unknown", "plain")
                    .map(payer -> of(payer, member))
                    .toList());

        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () ->
                    assertThat(bundle.column(TRIED_AT))
                        .containsExactly("bison", "plain", "refusing", "unknown"));
        assertThat(bundle.column("SELECT payer FROM transfer WHERE asked_at IS NOT NULL"))
            .containsExactly("bison");
      }
    }
  }

  @Test
  void aBatchThatIsNotSentAsksForNobody() throws Exception {
    try (Sandbox sandbox = Sandbox.start(SandboxOptions.defaults())) {
      TestBundle batches =
          withUrls(TestBundle.in(folder), sandbox, Map.of("bison", NOBODY_LISTENS));
      PdexPayer.settings(3).forEach(setting -> batches.set(setting.get(0), setting.get(1)));
      try (TestBundle bundle = batches.start()) {
        PdexPayer.take(bundle, PdexPayer.plain(0, 3));

        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () -> {
                  assertThat(bundle.column(STARTED)).isNotEmpty();
                  assertThat(bundle.column(TRIED)).isNotEmpty();
                  assertThat(bundle.column(ASKED)).isEmpty();
                });
      }
    }
  }

  /** Payers whose tokens the sandbox gives, and who are not there themselves. */
  private static TestBundle withUrls(TestBundle bundle, Sandbox sandbox, Map<String, String> urls) {
    urls.forEach(
        (payer, url) ->
            Pipeline.payer(bundle, payer, sandbox)
                .set("p2p.payers." + payer + ".base-url", url + "/v1/" + payer));
    return bundle;
  }

  private static String of(String payer, Member member) {
    return Pipeline.record(
        "REQ-" + payer,
        payer,
        member.memberId(),
        member.given(),
        member.family(),
        member.birthDate().toString(),
        member.coverageId());
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
