package org.payerexchange.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.it.HostilePayer.Where;
import org.payerexchange.sandbox.Members;
import org.payerexchange.support.TestBundle;

/** Files that would take a disk, or a slot, by coming slowly or side by side. */
class DownloadBoundsTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int MEGABYTE = 1024 * 1024;
  private static final byte[] LINES =
      "{\"resourceType\":\"Patient\",\"id\":\"1\"}\n".repeat(1000).getBytes(UTF_8);

  @TempDir Path folder;
  private final CountDownLatch over = new CountDownLatch(1);
  private HostilePayer bison;
  private TestBundle bundle;

  @BeforeEach
  void prepare() throws IOException {
    bison = HostilePayer.start();
    bundle = TestBundle.in(folder).payer("bison", bison.url());
  }

  @AfterEach
  void stop() throws IOException {
    over.countDown();
    bundle.close();
    bison.close();
  }

  @Test
  void whatComesOverThePayersUnfinishedBytesFailsAndWhatWasThereFirstGoesOn() throws Exception {
    bundle.set("p2p.payers.bison.max-unfinished-bytes", "15MB").start();
    CountDownLatch there = new CountDownLatch(1);
    bison.spoil(
        Where.FILE,
        out -> {
          send(out, 10 * MEGABYTE);
          if (there.getCount() > 0) {
            there.countDown();
            hold();
          }
        });
    Pipeline pipeline = new Pipeline(bundle);
    take(pipeline, "first", 1);
    await().atMost(PATIENCE).until(() -> there.getCount() == 0);

    take(pipeline, "second", 2);

    assertThat(pipeline.files(pipeline.awaitEnd("second", "FAILED")))
        .singleElement()
        .satisfies(
            file ->
                assertThat(file)
                    .containsEntry("reason", "TOO_LARGE")
                    .containsEntry(
                        "detail",
                        "the payer's unfinished transfers have more than 15MB (p2p.payers.bison.max-unfinished-bytes)"));
    over.countDown();
    pipeline.awaitEnd("first", "COMPLETE");
  }

  @Test
  void aFileThatComesForLongerThanTheDeadlineAllowsFails() throws Exception {
    bundle.set("p2p.download.deadline", "2s").start();
    bison.spoil(
        Where.FILE,
        out -> {
          while (over.getCount() > 0) {
            out.write(LINES);
            out.flush();
            pause(Duration.ofMillis(100));
          }
        });
    Pipeline pipeline = new Pipeline(bundle);
    take(pipeline, "slow", 1);

    String id = pipeline.awaitEnd("slow", "FAILED");

    assertThat(pipeline.files(id))
        .singleElement()
        .satisfies(
            file ->
                assertThat(file.get("detail").toString())
                    .contains("takes longer than p2p.download.deadline allows"));
    assertThat(pipeline.leftOf(id)).isEmpty();
  }

  private static void take(Pipeline pipeline, String request, int member) throws IOException {
    pipeline.take(List.of(Pipeline.record(request, Members.load("bison", member))));
  }

  private static void send(OutputStream out, int bytes) throws IOException {
    for (int sent = 0; sent < bytes; sent += LINES.length) {
      out.write(LINES);
    }
    out.flush();
  }

  private void hold() {
    pause(PATIENCE);
  }

  private void pause(Duration most) {
    try {
      over.await(most.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
