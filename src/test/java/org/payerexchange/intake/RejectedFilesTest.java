package org.payerexchange.intake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RejectedFilesTest {
  private static final int READERS = 4;
  private static final int ROUNDS = 50;

  @TempDir Path inbox;

  @Test
  void filesOfOneNameInSeveralFoldersKeepTheirOriginalsThoughTheyAreReadAtOnce() throws Exception {
    InboxFolders folders = new InboxFolders(inbox.toString());
    RejectedFiles rejected = new RejectedFiles(folders);
    CyclicBarrier together = new CyclicBarrier(READERS);
    ExecutorService readers = Executors.newFixedThreadPool(READERS);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        String payer = "payer" + i;
        running.add(
            readers.submit(
                () -> {
                  for (int round = 0; round < ROUNDS; round++) {
                    together.await(1, TimeUnit.MINUTES);
                    rejected.keep(rejection(payer, round), null);
                  }
                  return null;
                }));
      }
      for (Future<?> each : running) {
        each.get(3, TimeUnit.MINUTES);
      }
    } finally {
      readers.shutdownNow();
    }

    Set<String> originals = new TreeSet<>();
    try (var files = Files.newDirectoryStream(folders.rejected(), "*.bin")) {
      for (Path file : files) {
        originals.add(Files.readString(file));
      }
    }
    assertThat(originals).hasSize(READERS * ROUNDS).doesNotContain("");
  }

  private static Rejection rejection(String payer, int record) {
    return new Rejection(
        new IntakeSource(payer + "/members.csv", payer, null),
        record,
        RecordForm.UNKNOWN,
        new OriginalRecord((payer + record).getBytes(UTF_8)),
        List.of(IntakeProblem.unreadable("is broken")));
  }
}
