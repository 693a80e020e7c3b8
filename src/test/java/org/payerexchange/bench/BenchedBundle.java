package org.payerexchange.bench;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Scanner;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;
import javax.sql.DataSource;
import org.apache.camel.spi.Registry;
import org.payerexchange.boot.PayerExchange;
import org.payerexchange.boot.Setup;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The main class of the bundle's own JVM: settings as {@code key=value} arguments. It prints {@code
 * ready}, then one line for each that it is sent. {@code node}: the node's name. {@code collect}:
 * the heap in bytes that a full collection leaves. {@code ask} and a query of the ledger: its rows
 * of whole numbers, a comma after each, blanks between columns. Any other: the peak of the used
 * heap in bytes, the most that a collection left of it, the CPU time in milliseconds, and the
 * ledger's statements and commits, all since the line before.
 */
public final class BenchedBundle {
  private final AtomicLong peak = new AtomicLong();
  private final AtomicLong live = new AtomicLong();
  private long cpu;

  private BenchedBundle() {}

  /** Runs until its standard input ends. */
  public static void main(String[] settings) throws Exception {
    // less than the default, so that it runs on nearly full disks as well
    Setup setup = new Setup(Optional.empty(), Optional.empty()).with("p2p.disk.reserve", "50MB");
    for (String setting : settings) {
      String[] entry = setting.split("=", 2);
      setup = setup.with(entry[0], entry[1]);
    }
    BenchedBundle process = new BenchedBundle();
    process.watchHeap();
    try (PayerExchange bundle = PayerExchange.start(setup);
        Scanner lines = new Scanner(System.in, StandardCharsets.UTF_8)) {
      Registry registry = bundle.context().getRegistry();
      DataSource ledger = registry.lookupByNameAndType("dataSource", DataSource.class);
      StatementCount count = new StatementCount(ledger);
      System.out.println("ready");
      while (lines.hasNextLine()) {
        String[] line = lines.nextLine().split(" ", 2);
        System.out.println(
            switch (line[0]) {
              case "node" -> registry.lookupByNameAndType("node", String.class);
              case "collect" -> collect();
              case "ask" -> ask(ledger, line[1]);
              default -> process.report(count);
            });
      }
    }
  }

  private static long collect() {
    System.gc();
    return heap();
  }

  private static long heap() {
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static String ask(DataSource ledger, String query) {
    return JdbcClient.create(ledger).sql(query).query().listOfRows().stream()
        .map(
            row ->
                row.values().stream()
                    .map(value -> Long.toString(((Number) value).longValue()))
                    .collect(Collectors.joining(" ", "", ",")))
        .collect(Collectors.joining());
  }

  private void watchHeap() {
    Set<String> heapPools =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .map(MemoryPoolMXBean::getName)
            .collect(Collectors.toSet());
    List<GarbageCollectorMXBean> collectors = ManagementFactory.getGarbageCollectorMXBeans();
    for (GarbageCollectorMXBean collector : collectors) {
      ((NotificationEmitter) collector)
          .addNotificationListener(
              (notification, none) -> {
                var gc =
                    GarbageCollectionNotificationInfo.from(
                            (CompositeData) notification.getUserData())
                        .getGcInfo();
                peak.accumulateAndGet(used(gc.getMemoryUsageBeforeGc(), heapPools), Math::max);
                live.accumulateAndGet(used(gc.getMemoryUsageAfterGc(), heapPools), Math::max);
              },
              null,
              null);
    }
  }

  private static long used(Map<String, MemoryUsage> pools, Set<String> wanted) {
    return pools.entrySet().stream()
        .filter(pool -> wanted.contains(pool.getKey()))
        .mapToLong(pool -> pool.getValue().getUsed())
        .sum();
  }

  private String report(StatementCount count) throws IOException {
    Files.write(Path.of("statements.txt"), count.byText());
    long cpuNow =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    long took = (cpuNow - cpu) / 1_000_000;
    cpu = cpuNow;
    return Math.max(heap(), peak.getAndSet(0))
        + " "
        + live.getAndSet(0)
        + " "
        + took
        + " "
        + count.statements()
        + " "
        + count.commits();
  }
}
