package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.it.HostilePayer.Where;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.JavaProcess;
import org.payerexchange.support.TestBundle;

/** A step that ends each process that has it in hand is given up, and nothing else is. */
class EndedProcessTest {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  @TempDir Path folder;

  @Test
  void anAnswerThatEndsThreeProcessesFailsItsTransferAndNoOther() throws Exception {
    try (HostilePayer bison = HostilePayer.start();
        Sandbox heron =
            Sandbox.start(SandboxOptions.builder().load(new LoadShape(2, 5_000)).build())) {
      bison.spoil(Where.MATCH, out -> hold());
      Pipeline.drop(
          Files.createDirectories(folder.resolve("inbox")),
          List.of(Pipeline.record("deadly", Members.load("bison", 1))));
      for (int end = 1; end <= 3; end++) {
        int asked = end;
        try (JavaProcess node = start(bison, heron)) {
          await().atMost(PATIENCE).until(() -> bison.asked() == asked);
          node.kill();
        }
      }

      try (TestBundle last =
          Pipeline.payer(TestBundle.in(folder).payer("bison", bison.url()), "heron", heron)
              .start()) {
        Pipeline pipeline = new Pipeline(last);
        pipeline.take(List.of(Pipeline.record("beside", Members.load("heron", 1))));
        String id = pipeline.awaitEnd("deadly", "FAILED");
        assertThat(pipeline.transfer(id))
            .containsEntry("reason", "INTERNAL")
            .hasEntrySatisfying(
                "detail", detail -> assertThat(detail.toString()).contains("ended the process"));
        pipeline.awaitEnd("beside", "COMPLETE");
        assertThat(bison.asked()).isEqualTo(3);
        assertThat(pipeline.column("SELECT item FROM lost_end")).isEmpty();
      }
    }
  }

  @Test
  void anOutOfMemoryErrorEndsTheProcessSoThatItIsStartedAnew() throws Exception {
    try (JavaProcess process =
        JavaProcess.start(
            folder, List.of("-Xmx32m", "-XX:+ExitOnOutOfMemoryError"), Hog.class, List.of())) {
      assertThat(process.exitCode()).isEqualTo(3);
    }
  }

  /** Takes all the memory, and goes on if it may. */
  static final class Hog {
    public static void main(String[] arguments) throws InterruptedException {
      Thread taking = new Thread(() -> List.of(new long[100_000_000]));
      taking.start();
      taking.join();
    }
  }

  private JavaProcess start(HostilePayer bison, Sandbox heron) throws Exception {
    return BundleProcess.start(
        folder,
        heron,
        "-Xmx256m",
        "p2p.payers.bison.base-url=" + bison.url() + "/v1/bison",
        "p2p.payers.bison.token-url="
            + bison.url()
            + "/auth/realms/dev-portal/protocol/openid-connect/token");
  }

  /** Until the payer is closed, which interrupts it. */
  private static void hold() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
