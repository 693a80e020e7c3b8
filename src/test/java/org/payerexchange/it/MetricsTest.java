package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.Member;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
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

  private static String ended(String state, String reason, int count) {
    return "p2p_node_transfers_ended_total{payer=\"bison\",reason=\"%s\",state=\"%s\"} %d.0"
        .formatted(reason, state, count);
  }

  private static String duration(String until, int count) {
    return "p2p_node_transfer_duration_seconds_count{payer=\"bison\",until=\"%s\"} %d"
        .formatted(until, count);
  }
}
