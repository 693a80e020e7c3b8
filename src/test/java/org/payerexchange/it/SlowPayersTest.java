package org.payerexchange.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.payerexchange.sandbox.Fault;
import org.payerexchange.sandbox.LoadShape;
import org.payerexchange.sandbox.Members;
import org.payerexchange.sandbox.RequestKind;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.JavaProcess;
import org.payerexchange.support.TestBundle;

/** Payers that are slow, silent or large, beside others that are not: with the default bounds. */
class SlowPayersTest {
  private static final int HANGING = 5;
  private static final int HEALTHY = 45;
  private static final int MORE_THAN_A_PAYERS_LIMIT = 12;
  private static final int DOWNLOAD_SLOTS = 16;
  private static final int MORE_THAN_ALL_DOWNLOAD_SLOTS = 24;
  private static final int FOR_EVER = Integer.MAX_VALUE;
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "TOKEN, HANG",
    "MATCH, HANG",
    "KICK_OFF, HANG",
    "STATUS, HANG",
    "FILE, HANG",
    "FILE, SLOW",
    "RELEASE, HANG"
  })
  void ofFiftyPayersFiveHangAndFortyFiveFinish(RequestKind where, Fault fault) throws Exception {
    Set<String> hanging = tenants("slow", HANGING);
    Set<String> healthy = tenants("quick", HEALTHY);
    try (Sandbox slow = sandbox(hanging, new LoadShape(4, 2048));
        Sandbox quick = sandbox(healthy, new LoadShape(3, 2048));
        TestBundle bundle = bundle(slow, quick).start()) {
      Pipeline pipeline = new Pipeline(bundle);
      slow.faults().next(where, fault, FOR_EVER);
      pipeline.take(records(hanging, MORE_THAN_A_PAYERS_LIMIT));
      await()
          .atMost(PATIENCE)
          .until(() -> slow.requests().received(where) >= expectedToHang(where));

      pipeline.take(records(healthy, 1));

      for (String payer : healthy) {
        pipeline.awaitEnd(payer + "-0", "COMPLETE");
      }
      assertThat(quick.requests().kickOffs().values()).hasSize(HEALTHY).containsOnly(1);
      if (where == RequestKind.RELEASE) {
        assertThat(
                pipeline.column(
                    "SELECT payer FROM export_job WHERE released_at IS NOT NULL AND payer LIKE"
                        + " 'slow%'"))
            .isEmpty();
      } else {
        assertThat(pipeline.column("SELECT payer FROM transfer WHERE state = 'COMPLETE'"))
            .noneMatch(hanging::contains);
      }
    }
  }

  /** One token request is shared by all; anything else is asked for side by side. */
  private static int expectedToHang(RequestKind where) {
    return where == RequestKind.TOKEN ? HANGING : 2 * HANGING;
  }

  @Test
  void morePayersThanDownloadSlotsSendAByteASecondAndAnotherFinishes() throws Exception {
    Set<String> slow = tenants("slow", MORE_THAN_ALL_DOWNLOAD_SLOTS);
    try (Sandbox dribbling = sandbox(slow, new LoadShape(4, 2048));
        Sandbox healthy = sandbox(Set.of("quick-0"), new LoadShape(4, 2048));
        TestBundle bundle =
            bundle(dribbling, healthy).set("p2p.download.slow-after", "2s").start()) {
      Pipeline pipeline = new Pipeline(bundle);
      dribbling.faults().next(RequestKind.FILE, Fault.SLOW, FOR_EVER);
      pipeline.take(records(slow, 1));
      await()
          .atMost(PATIENCE)
          .until(() -> dribbling.requests().received(RequestKind.FILE) >= DOWNLOAD_SLOTS);

      pipeline.take(records(Set.of("quick-0"), 1));

      pipeline.awaitEnd("quick-0-0", "COMPLETE");
      assertThat(pipeline.count("COMPLETE")).isOne();
      dribbling.faults().clear();
      for (String payer : slow) {
        pipeline.awaitEnd(payer + "-0", "COMPLETE");
      }
    }
  }

  @Test
  void aPayerWithThousandsOfTinyFilesDoesNotHoldUpAnother() throws Exception {
    int files = Integer.getInteger("p2p.it.tiny-files", 1_000);
    try (Sandbox many = sandbox(Set.of("slow-0"), new LoadShape(files, 200));
        Sandbox few = sandbox(Set.of("quick-0"), new LoadShape(6, 4096));
        TestBundle bundle = bundle(many, few).start()) {
      Pipeline pipeline = new Pipeline(bundle);
      pipeline.take(records(Set.of("slow-0"), 1));
      String large = pipeline.id("slow-0-0");
      await().atMost(PATIENCE).until(() -> pipeline.fileStates(large).contains("STORED"));

      pipeline.take(records(Set.of("quick-0"), 1));

      pipeline.awaitEnd("quick-0-0", "COMPLETE");
      assertThat(pipeline.transfer(large)).containsEntry("state", "MATCHED");
      await()
          .atMost(PATIENCE.plusMillis(files * 50L))
          .until(() -> pipeline.transfer(large).get("state").equals("COMPLETE"));
      pipeline.awaitEnd("slow-0-0", "COMPLETE");
      assertThat(pipeline.delivered("slow-0", large)).hasSize(files + 1).contains("manifest.json");
      assertThat(many.requests().received(RequestKind.FILE)).isEqualTo(files);
    }
  }

  @Test
  void aJobThatNeedsThreeHundredPollsIsKickedOffOnceAndItsAuditTrailStaysShort() throws Exception {
    SandboxOptions options =
        SandboxOptions.builder().tenants(Set.of("slow-0")).runningPolls(300).build();
    try (Sandbox sandbox = Sandbox.start(options);
        TestBundle bundle =
            Pipeline.payer(TestBundle.in(folder), "slow-0", sandbox)
                .set("p2p.tick", "10ms")
                .set("p2p.poll.min-delay", "1ms")
                .set("p2p.poll.max-delay", "5ms")
                .start()) {
      Pipeline pipeline = new Pipeline(bundle);
      pipeline.take(records(Set.of("slow-0"), 1));

      String id = pipeline.awaitEnd("slow-0-0", "COMPLETE");

      assertThat(sandbox.requests().received(RequestKind.STATUS)).isEqualTo(301);
      assertThat(sandbox.requests().received(RequestKind.KICK_OFF)).isEqualTo(1);
      assertThat(pipeline.jobs(id).get(0)).containsEntry("polls", 300);
      assertThat(pipeline.events(id)).hasSizeLessThan(30);
    }
  }

  /** The full size is tried with {@code -Dp2p.it.large-file=5000000000}. */
  @Test
  void aFileLargerThanTheHeapIsStreamedThroughToEverySink() throws Exception {
    long bytes = Long.getLong("p2p.it.large-file", 200_000_000L);
    Map<String, Long> posted = new ConcurrentHashMap<>();
    HttpServer endpoint = counting(posted);
    String url = "http://127.0.0.1:" + endpoint.getAddress().getPort();
    try (Sandbox sandbox = sandbox(Set.of("bison"), new LoadShape(1, bytes))) {
      try (JavaProcess bundle =
          BundleProcess.start(
              folder,
              sandbox,
              "-Xmx160m",
              "p2p.deliver.file-uris.1=" + url + "/file",
              "p2p.deliver.bundle-uris.1=" + url + "/bundles")) {
        Pipeline.drop(
            folder.resolve("inbox"), List.of(Pipeline.record("large", Members.load("bison", 0))));
        await()
            .atMost(Duration.ofMinutes(5).plusSeconds(bytes / 10_000_000))
            .until(() -> delivered("manifest.json").size() == 1);
        assertThat(bundle.isAlive()).isTrue();
        bundle.kill();
      }
      assertThat(sandbox.requests().received(RequestKind.FILE)).isEqualTo(1);
      assertThat(delivered(".ndjson"))
          .singleElement()
          .satisfies(file -> assertThat(Files.size(file)).isCloseTo(bytes, withPercentage(1)))
          .satisfies(file -> assertThat(posted).containsEntry("/file", Files.size(file)));
      assertThat(posted.get("/bundles")).isGreaterThan(posted.get("/file"));
    } finally {
      endpoint.stop(0);
    }
  }

  private static HttpServer counting(Map<String, Long> posted) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          long bytes = exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
          posted.merge(exchange.getRequestURI().getPath(), bytes, Long::sum);
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  private List<Path> delivered(String ending) throws IOException {
    Path outbox = folder.resolve("outbox");
    if (!Files.exists(outbox)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(outbox)) {
      return files.filter(file -> file.toString().endsWith(ending)).toList();
    }
  }

  private TestBundle bundle(Sandbox slow, Sandbox quick) {
    TestBundle bundle = TestBundle.in(folder).set("p2p.shutdown.timeout", "1s");
    slow.options().tenants().forEach(tenant -> Pipeline.payer(bundle, tenant, slow));
    quick.options().tenants().forEach(tenant -> Pipeline.payer(bundle, tenant, quick));
    return bundle;
  }

  private static Sandbox sandbox(Set<String> tenants, LoadShape load) {
    return Sandbox.start(
        SandboxOptions.builder().tenants(tenants).load(load).runningPolls(1).build());
  }

  private static Set<String> tenants(String name, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> name + "-" + i)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static List<String> records(Set<String> tenants, int each) {
    List<String> records = new ArrayList<>();
    for (String tenant : tenants) {
      for (int i = 0; i < each; i++) {
        records.add(Pipeline.record(tenant + "-" + i, Members.load(tenant, i)));
      }
    }
    return records;
  }
}
