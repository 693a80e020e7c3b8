package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.Member;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.FreePort;
import org.payerexchange.support.TestBundle;

/** What {@code /observe/metrics} counts while transfers go through a node. */
class MetricsTest {
  @TempDir Path folder;

  @Test
  void aNodeCountsRecordsEndsTimesBytesAndDeliveries() throws Exception {
    Member member = Members.load("bison", 1);
    try (Sandbox bison = Sandbox.start(SandboxOptions.defaults());
        TestBundle bundle =
            Pipeline.payer(TestBundle.in(folder).ops(), "bison", bison)
                .set("p2p.deliver.file-uris.1", "file:" + folder.resolve("sink"))
                .start()) {
      Pipeline pipeline = new Pipeline(bundle);
      pipeline.take(
          List.of(
              Pipeline.record("good", member),
              Pipeline.record("good", member),
              Pipeline.record("nobody", Members.load("no-such-payer", 1))));
      pipeline.awaitEnd("good", "COMPLETE");
      bison.faults().rates(Map.of(Fault.NOT_MATCHED, 1.0));
      pipeline.take(List.of(Pipeline.record("unknown", Members.load("bison", 2))));
      pipeline.awaitEnd("unknown", "NO_MATCH");

      String metrics = bundle.get("/observe/metrics");

      assertThat(metrics)
          .contains("p2p_node_records_total{outcome=\"NEW\",payer=\"bison\"} 2.0")
          .contains("p2p_node_records_total{outcome=\"DUPLICATE\",payer=\"bison\"} 1.0")
          .contains("p2p_node_records_total{outcome=\"REJECTED\",payer=\"\"} 1.0")
          .contains(ended("COMPLETE", "", 1))
          .contains(ended("NO_MATCH", "NO_MATCH", 1))
          .contains(duration("match", 1))
          .contains(duration("first-file", 1))
          .contains(duration("end", 2))
          .contains(
              "p2p_node_transfer_duration_seconds_bucket{payer=\"bison\",until=\"end\",le=\"60.0\"}")
          .contains("p2p_node_deliveries_total{sink=\"file-uri-1\",state=\"DONE\"} 1.0")
          .contains(
              "p2p_node_received_bytes_total{payer=\"bison\"} "
                  + (double) bundle.number("SELECT SUM(bytes) FROM output_file"));
      assertThat(metrics)
          .doesNotContain(member.memberId(), member.family(), bison.origin().toString());
      pipeline
          .column("SELECT id FROM transfer")
          .forEach(id -> assertThat(metrics).doesNotContain(id));
    }
  }

  @Test
  void aNodeCountsFromNothingOnWhatTheAlertsWatch() throws Exception {
    try (TestBundle bundle =
        TestBundle.in(folder).payer("bison", "http://127.0.0.1:1").ops().start()) {
      assertThat(bundle.get("/observe/metrics"))
          .contains("p2p_node_records_total{outcome=\"REJECTED\",payer=\"\"} 0.0")
          .contains("p2p_node_records_total{outcome=\"CONFLICT\",payer=\"bison\"} 0.0")
          .contains(ended("COMPLETE", "", 0));
    }
  }

  @Test
  void aNodeCountsAPayersRequestsByWhatTheyAreForAndHowTheyWereAnswered() throws Exception {
    try (Sandbox bison = Sandbox.start(SandboxOptions.defaults());
        TestBundle bundle =
            Pipeline.payer(TestBundle.in(folder).ops(), "bison", bison)
                .payer("heron", "http://127.0.0.1:" + FreePort.find())
                .start()) {
      Pipeline pipeline = new Pipeline(bundle);
      bison.faults().next(RequestKind.MATCH, Fault.UNAVAILABLE, 1);
      pipeline.take(
          List.of(
              Pipeline.record("good", Members.load("bison", 1)),
              Pipeline.record("away", Members.load("heron", 1))));
      pipeline.awaitEnd("good", "COMPLETE");
      String away = pipeline.id("away");
      await()
          .atMost(Duration.ofMinutes(3))
          .until(() -> pipeline.events(away).contains("RETRY_LATER"));

      String metrics = bundle.get("/observe/metrics");

      assertThat(metrics)
          .contains(requests("bison", "token", "2xx") + " 1")
          .contains(requests("bison", "match", "5xx") + " 1")
          .contains(requests("bison", "match", "2xx") + " 1")
          .contains(requests("bison", "kick-off", "2xx") + " 1")
          .contains(requests("bison", "poll", "2xx"))
          .contains(
              requests("bison", "file", "2xx")
                  + " "
                  + bundle.number("SELECT COUNT(*) FROM output_file"))
          .contains(requests("bison", "release", "2xx") + " 1")
          .contains(requests("heron", "token", "none"))
          .contains("le=\"0.5\"")
          .doesNotContain(bison.origin().toString());
    }
  }

  @Test
  void aNodeShowsItsProcessItsPoolsAndWhatItRuns() throws Exception {
    try (TestBundle bundle = TestBundle.in(folder).ops().start()) {
      assertThat(bundle.get("/observe/metrics"))
          .contains("jvm_memory_used_bytes{", "jvm_threads_live_threads ", "process_cpu_usage ")
          .contains("process_uptime_seconds ", "process_files_open_files ")
          .contains("hikaricp_connections_active{pool=\"ledger\"}")
          .contains(
              "executor_active_threads{name=\"work\"}", "executor_active_threads{name=\"deliver\"}")
          .contains(
              "httpcomponents_httpclient_pool_total_connections{httpclient=\"all\",state=\"leased\"}")
          .contains("p2p_node_disk_free_bytes{folder=\"p2p.outbox.directory\"}")
          .contains("p2p_node_disk_free_bytes{folder=\"p2p.database.url\"}")
          .containsPattern("p2p_node_build_info\\{camel=\"4\\.[^}]*} 1");
    }
  }

  private static String requests(String payer, String kind, String status) {
    return "p2p_node_payer_request_duration_seconds_count{payer=\"%s\",request=\"%s\",status=\"%s\"}"
        .formatted(payer, kind, status);
  }

  private static String ended(String state, String reason, int count) {
    return "p2p_node_transfers_ended_total{payer=\"bison\",reason=\"%s\",state=\"%s\"} %d.0"
        .formatted(reason, state, count);
  }

  private static String duration(String until, int count) {
    return "p2p_node_transfer_duration_seconds_count{payer=\"bison\",until=\"%s\"} %d"
        .formatted(until, count);
  }
}
