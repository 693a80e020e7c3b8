package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.sandbox.ExportedJob;
import org.payerexchange.sandbox.ExportedJob.ExportedFile;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.JavaProcess;
import org.payerexchange.support.TestBundle;

/** A manifest in three pages, and a process that is killed while its transfer goes on. */
class PagesRestartTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int MOST_REQUESTS = 40;

  /** One at a time: then the requests of a transfer have an order. */
  private static final String IN_TURN = "p2p.payers.bison.max-parallel-requests=1";

  @TempDir private Path own;
  private final List<String> started = new ArrayList<>();
  private Sandbox sandbox;

  @Test
  void killedBetweenAnyTwoRequestsEveryTransferHasEveryResourceOnce() throws Exception {
    try (Sandbox served =
        Sandbox.start(SandboxOptions.builder().load(new LoadShape(3, 20_000)).build())) {
      sandbox = served;
      Map<Fault, Double> pages =
          Map.of(Fault.PAGES, 1.0, Fault.PAGE_LATE, 1.0, Fault.PAGE_EXPIRES, 1.0);
      boolean ended = false;
      for (int requests = 0; !ended && requests < MOST_REQUESTS; requests++) {
        served.faults().clear();
        served.faults().rates(pages);
        try (JavaProcess child = BundleProcess.start(own, served, "-Xmx256m", IN_TURN)) {
          await().atMost(PATIENCE).until(() -> released() == started.size());
          ended = killAfter(requests, child);
        }
      }
      assertThat(ended).as("one transfer needed no more requests than were let through").isTrue();
      assertThat(started).as("transfers that a kill interrupted").hasSizeGreaterThan(14);

      // a kill may lie between the last release and its commit: it is asked for again then
      served.faults().clear();
      try (TestBundle again = Pipeline.payer(TestBundle.in(own), "bison", served).start()) {
        assertAllIsThere(new Pipeline(again));
      }
    }
  }

  /** Returns whether the transfer ended before it was to be killed. */
  private boolean killAfter(int requests, JavaProcess child) throws Exception {
    sandbox.faults().after(requests, Fault.HANG);
    started.add("request-" + requests);
    Pipeline.drop(
        own.resolve("inbox"),
        List.of(Pipeline.record("request-" + requests, Members.load("bison", requests))));
    await().atMost(PATIENCE).until(() -> hangs() || released() == started.size());
    boolean ended = !hangs();
    child.kill();
    sandbox.requests().clear();
    return ended;
  }

  private boolean hangs() {
    return !sandbox.requests().faults().isEmpty();
  }

  private int released() {
    return (int) sandbox.jobs().stream().filter(ExportedJob::released).count();
  }

  private void assertAllIsThere(Pipeline after) throws Exception {
    for (String request : started) {
      String id = after.awaitEnd(request, "COMPLETE");
      ExportedJob job =
          sandbox.jobs().stream()
              .filter(each -> each.groupId().equals("load-" + request.replace("request-", "")))
              .findFirst()
              .orElseThrow();
      assertThat(after.files(id))
          .extracting(file -> file.get("sha256"))
          .as(request)
          .containsExactlyElementsOf(job.files().stream().map(ExportedFile::sha256).toList());
      assertThat(after.delivered("bison", id)).hasSize(4).contains("manifest.json");
      for (Map<String, Object> file : after.files(id)) {
        assertThat(
                after
                    .outbox("bison", id)
                    .resolve(
                        "%s-%s.ndjson".formatted(file.get("resource_type"), file.get("number"))))
            .hasDigest("SHA-256", file.get("sha256").toString());
      }
      assertThat(after.leftOf(id)).isEmpty();
      assertThat(after.events(id)).as(request).contains("MANIFEST_NEEDED");
    }
    assertThat(sandbox.requests().received()).doesNotContainKey(RequestKind.UNEXPECTED);
  }
}
