package org.payerexchange.intake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RejectedFilesTest {
  private static final int READERS = 4;
  private static final int ROUNDS = 50;

  @TempDir Path inbox;

  @Test
  void filesOfOneNameInSeveralFoldersKeepTheirOriginalsThoughTheyAreReadAtOnce() throws Exception {
    keepAtOnce((payer, round) -> rejection(payer, round, payer + round));

    assertThat(texts("*.bin")).hasSize(READERS * ROUNDS).doesNotContain("");
  }

  @Test
  void equalRecordsOfSeveralFoldersKeepTheirOutcomesThoughTheyAreReadAtOnce() throws Exception {
    keepAtOnce((payer, round) -> rejection(payer, round, "equal"));

    assertThat(texts("*-outcome.json")).hasSize(READERS * ROUNDS).doesNotContain("");
    assertThat(texts("*.bin")).containsExactly("equal");
  }

  @Test
  void eachRejectionStandsBesideItsOwnOutcomeAndStandsThereOnce() throws Exception {
    RejectedFiles rejected = new RejectedFiles(new InboxFolders(inbox.toString()));
    for (int again = 0; again < 2; again++) {
      rejected.keep(rejection("bison", 1, "equal"), null);
      rejected.keep(rejection("otter", 1, "equal"), null);
      rejected.keep(rejection("lynx", 1, RecordForm.CSV, "of another form"), null);
    }

    assertThat(names())
        .containsExactly(
            "members.csv-1-2-outcome.json",
            "members.csv-1-2.bin",
            "members.csv-1-3-outcome.json",
            "members.csv-1-3.csv",
            "members.csv-1-outcome.json",
            "members.csv-1.bin");
    assertThat(kept("members.csv-1-outcome.json")).contains("of bison/members.csv");
    assertThat(kept("members.csv-1-2-outcome.json")).contains("of otter/members.csv");
    assertThat(kept("members.csv-1-3-outcome.json")).contains("of lynx/members.csv");
  }

  @Test
  void whatAnOperatorLeftOfARejectionIsNotOverwritten() throws Exception {
    RejectedFiles rejected = new RejectedFiles(new InboxFolders(inbox.toString()));
    rejected.keep(rejection("bison", 1, "first"), null);
    Files.delete(inbox.resolve(".rejected/members.csv-1-outcome.json"));
    rejected.keep(rejection("otter", 1, "second"), null);

    assertThat(kept("members.csv-1.bin")).isEqualTo("first");
    assertThat(kept("members.csv-1-2.bin")).isEqualTo("second");
    assertThat(names())
        .containsExactly(
            "members.csv-1-2-outcome.json", "members.csv-1-2.bin", "members.csv-1.bin");
  }

  @Test
  void whatAKilledProcessLeftUnfinishedIsGoneOnceTheSameRejectionIsWritten() throws Exception {
    RejectedFiles rejected = new RejectedFiles(new InboxFolders(inbox.toString()));
    Rejection rejection = rejection("bison", 1, "whole");
    Files.writeString(rejected.unfinished(rejection, "original"), "half of something longer");
    Files.writeString(rejected.unfinished(rejection, "outcome"), "{");

    rejected.keep(rejection, null);

    assertThat(names()).containsExactly("members.csv-1-outcome.json", "members.csv-1.bin");
    assertThat(kept("members.csv-1.bin")).isEqualTo("whole");
  }

  private void keepAtOnce(BiFunction<String, Integer, Rejection> rejection) throws Exception {
    RejectedFiles rejected = new RejectedFiles(new InboxFolders(inbox.toString()));
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
                    rejected.keep(rejection.apply(payer, round), null);
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
  }

  private Set<String> names() throws IOException {
    Set<String> names = new TreeSet<>();
    try (var files = Files.newDirectoryStream(inbox.resolve(".rejected"))) {
      files.forEach(file -> names.add(file.getFileName().toString()));
    }
    return names;
  }

  private Set<String> texts(String glob) throws IOException {
    Set<String> texts = new TreeSet<>();
    try (var files = Files.newDirectoryStream(inbox.resolve(".rejected"), glob)) {
      for (Path file : files) {
        texts.add(Files.readString(file));
      }
    }
    return texts;
  }

  private String kept(String name) throws IOException {
    return Files.readString(inbox.resolve(".rejected").resolve(name));
  }

  private static Rejection rejection(String payer, int record, String original) {
    return rejection(payer, record, RecordForm.UNKNOWN, original);
  }

  private static Rejection rejection(String payer, int record, RecordForm form, String original) {
    return new Rejection(
        new IntakeSource(payer + "/members.csv", payer, null),
        record,
        form,
        new OriginalRecord(original.getBytes(UTF_8)),
        List.of(IntakeProblem.unreadable("is broken")));
  }
}
