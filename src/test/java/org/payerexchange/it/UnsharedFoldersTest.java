package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.files.SharedFolders;
import org.payerexchange.ledger.store.TestDatabase;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.TestBundle;

/** A node whose folders are not its ledger's. */
class UnsharedFoldersTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir Path folder;

  @Test
  void aNodeThatDoesNotSeeTheMarkIsNotReadyAndLeavesFilesToTheOthers() throws Exception {
    String url = TestDatabase.POSTGRESQL.newUrl(folder);
    try (Sandbox sandbox = Sandbox.start(SandboxOptions.defaults());
        TestBundle first = node("shared", url, sandbox).start()) {
      awaitReady(first, 200);
      Path mark = first.outbox().resolve(SharedFolders.MARK);
      await().atMost(PATIENCE).until(() -> Files.exists(mark));
      first.stop();

      try (TestBundle second = node("own", url, sandbox).start()) {
        Pipeline pipeline = new Pipeline(second);
        awaitReady(second, 503);
        assertThat(ready(second).body()).contains("p2p.work.directory", "p2p.outbox.directory");
        assertThat(get(second, "/observe/health/live").statusCode()).isEqualTo(200);

        pipeline.take(List.of(Pipeline.record("request-1", Members.load("bison", 1))));
        String id = pipeline.id("request-1");
        await()
            .atMost(PATIENCE)
            .untilAsserted(() -> assertThat(pipeline.events(id)).contains("EXPORT_READY"));
        Files.copy(mark, second.outbox().resolve(SharedFolders.MARK));
        assertThat(pipeline.files(id)).extracting("state").containsOnly("PENDING");
        assertThat(sandbox.requests().filesServed()).isEmpty();

        Files.copy(mark, second.work().resolve(SharedFolders.MARK));
        pipeline.awaitEnd("request-1", "COMPLETE");
        awaitReady(second, 200);
      }
    }
  }

  @Test
  void aNodeOfAnotherEmbeddedLedgerIsNotReadyAndRemovesNothingFromTheFolders() throws Exception {
    Path home = folder.resolve("home");
    try (TestBundle first = TestBundle.in(home).ops().start()) {
      awaitReady(first, 200);
      for (Path each : List.of(first.work(), first.outbox())) {
        await().atMost(PATIENCE).until(() -> Files.exists(each.resolve(SharedFolders.MARK)));
      }
      first.stop();
      List<Path> begun =
          List.of(
              first.work().resolve(UUID.randomUUID().toString()),
              first.incoming(UUID.randomUUID().toString()));
      for (Path each : begun) {
        Files.createDirectories(each);
      }

      try (TestBundle second =
          TestBundle.in(home)
              .set("p2p.database.url", "jdbc:h2:file:" + folder.resolve("other/ledger"))
              .set("p2p.retention.interval", "200ms")
              .ops()
              .start()) {
        awaitReady(second, 503);
        assertThat(ready(second).body())
            .contains(
                "p2p.work.directory",
                "p2p.outbox.directory",
                "another ledger's",
                "p2p.database.url");
        awaitRetention(second);
        awaitRetention(second);
        assertThat(begun).allMatch(Files::exists);
      }

      first.start();
      awaitReady(first, 200);
    }
  }

  /** It also removes what the inbox has kept for long. */
  private static void awaitRetention(TestBundle bundle) throws Exception {
    Path read = bundle.inbox().resolve(".done/members-20200101T000000000.csv");
    Files.writeString(read, "");
    await().atMost(PATIENCE).until(() -> !Files.exists(read));
  }

  private TestBundle node(String name, String url, Sandbox sandbox) {
    return Pipeline.payer(TestBundle.in(folder.resolve(name)), "bison", sandbox)
        .set("p2p.database.url", url)
        .set("p2p.database.user", "postgres")
        .ops();
  }

  private static void awaitReady(TestBundle bundle, int status) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              HttpResponse<String> ready = ready(bundle);
              assertThat(ready.statusCode()).as(ready.body()).isEqualTo(status);
            });
  }

  private static HttpResponse<String> ready(TestBundle bundle) throws Exception {
    return get(bundle, "/observe/health/ready");
  }

  private static HttpResponse<String> get(TestBundle bundle, String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(bundle.opsUrl().resolve(path)).build(),
            HttpResponse.BodyHandlers.ofString());
  }
}
