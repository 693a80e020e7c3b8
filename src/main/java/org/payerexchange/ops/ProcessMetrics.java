package org.payerexchange.ops;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ExecutorServiceMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;

/** This process as Micrometer sees it: its JVM, its threads, and the disks below its folders. */
public final class ProcessMetrics implements AutoCloseable {
  private final JvmGcMetrics collections = new JvmGcMetrics();

  /**
   * Puts them into a registry.
   *
   * @param pools the threads of our own, by name
   * @param folders by the keys that name them
   */
  public ProcessMetrics(
      MeterRegistry meters, Map<String, ExecutorService> pools, Map<String, Path> folders) {
    List.of(
            collections,
            new JvmMemoryMetrics(),
            new JvmThreadMetrics(),
            new ProcessorMetrics(),
            new UptimeMetrics(),
            new FileDescriptorMetrics())
        .forEach(binder -> binder.bindTo(meters));
    pools.forEach(
        (name, threads) -> new ExecutorServiceMetrics(threads, name, List.of()).bindTo(meters));
    folders.forEach(
        (key, folder) ->
            Gauge.builder("p2p.node.disk.free.bytes", () -> folder.toFile().getUsableSpace())
                .description("Room on the disk below a folder")
                .tag("folder", key)
                .register(meters));
  }

  @Override
  public void close() {
    collections.close();
  }
}
