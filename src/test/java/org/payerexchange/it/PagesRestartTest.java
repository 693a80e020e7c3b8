package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
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
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.support.JavaProcess;
import org.payerexchange.support.TestBundle;

/** A manifest in three pages, and a process that is killed while transfers go on. */
class PagesRestartTest {
  /** More than a transfer needs. */
  private static final int MOST_REQUESTS = 20;

  private static final Map<Fault, Double> PAGES =
      Map.of(Fault.PAGES, 1.0, Fault.PAGE_LATE, 1.0, Fault.PAGE_EXPIRES, 1.0);

  @TempDir private Path own;

  @Test
  void killedBetweenAnyTwoRequestsEveryTransferHasEveryResourceOnce() throws Exception {
    try (SilentPayers payers =
        new SilentPayers(MOST_REQUESTS, options -> options.load(new LoadShape(3, 20_000)), PAGES)) {
      try (JavaProcess child =
          BundleProcess.start(
              own, payers.get(0), "-Xmx256m", settings(payers).toArray(String[]::new))) {
        Pipeline.drop(own.resolve("inbox"), records(payers));
        assertThat(payers.awaitSilent(PagesRestartTest::released))
            .as("transfers that the kill interrupts, and others that need no more requests")
            .isBetween(15L, MOST_REQUESTS - 1L);
        child.kill();
      }

      payers.speak(PAGES);
      try (TestBundle again = payers.addTo(TestBundle.in(own)).start()) {
        assertAllIsThere(payers, new Pipeline(again));
      }
    }
  }

  private static List<String> settings(SilentPayers payers) {
    List<String> settings = new ArrayList<>(payers.settings());
    for (int requests = 0; requests < payers.count(); requests++) {
      // one at a time: then the requests of a transfer have an order
      settings.add("p2p.payers.%s.max-parallel-requests=1".formatted(payers.name(requests)));
    }
    return settings;
  }

  private static List<String> records(SilentPayers payers) {
    List<String> records = new ArrayList<>();
    for (int requests = 0; requests < payers.count(); requests++) {
      records.add(
          Pipeline.record(request(requests), Members.load(payers.name(requests), requests)));
    }
    return records;
  }

  private static String request(int requests) {
    return "request-" + requests;
  }

  private static boolean released(Sandbox payer) {
    return payer.jobs().stream().anyMatch(ExportedJob::released);
  }

  private static void assertAllIsThere(SilentPayers payers, Pipeline after) throws Exception {
    for (int requests = 0; requests < payers.count(); requests++) {
      String request = request(requests);
      String payer = payers.name(requests);
      String id = after.awaitEnd(request, "COMPLETE");
      List<ExportedJob> jobs = payers.get(requests).jobs();
      assertThat(jobs).as(request).singleElement().matches(ExportedJob::released);
      assertThat(after.files(id))
          .extracting(file -> file.get("sha256"))
          .as(request)
          .containsExactlyElementsOf(
              jobs.get(0).files().stream().map(ExportedFile::sha256).toList());
      assertThat(after.delivered(payer, id)).hasSize(4).contains("manifest.json");
      for (Map<String, Object> file : after.files(id)) {
        assertThat(
                after
                    .outbox(payer, id)
                    .resolve(
                        "%s-%s.ndjson".formatted(file.get("resource_type"), file.get("number"))))
            .hasDigest("SHA-256", file.get("sha256").toString());
      }
      assertThat(after.leftOf(id)).isEmpty();
      assertThat(after.events(id)).as(request).contains("MANIFEST_NEEDED");
      assertThat(payers.get(requests).requests().unexpected()).as(request).isEmpty();
    }
  }
}
