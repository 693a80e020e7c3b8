package org.payerexchange.trace;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.net.URI;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says once that a collector takes no spans, and once that it takes them again. The library's own
 * log has a stack trace for each try.
 */
final class ToldExporter implements SpanExporter {
  private static final Logger LOG = LoggerFactory.getLogger(ToldExporter.class);

  /** Kept, since the JDK forgets the level of a logger that nobody keeps. */
  private final java.util.logging.Logger libraryLog =
      java.util.logging.Logger.getLogger("io.opentelemetry");

  private final AtomicBoolean isFailing = new AtomicBoolean();
  private final SpanExporter exporter;
  private final String endpoint;

  /**
   * Hands spans on.
   *
   * @param endpoint the collector's, for the log
   */
  ToldExporter(SpanExporter exporter, String endpoint) {
    this.exporter = exporter;
    this.endpoint = bare(endpoint);
    libraryLog.setLevel(Level.OFF);
  }

  /** Without what may be a secret. */
  private static String bare(String endpoint) {
    URI uri = URI.create(endpoint);
    return uri.getScheme()
        + "://"
        + uri.getHost()
        + (uri.getPort() < 0 ? "" : ":" + uri.getPort())
        + uri.getPath();
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    CompletableResultCode result = exporter.export(spans);
    result.whenComplete(() -> tell(result));
    return result;
  }

  private void tell(CompletableResultCode result) {
    if (isFailing.compareAndSet(result.isSuccess(), !result.isSuccess())) {
      if (result.isSuccess()) {
        LOG.info("tracing: {} takes spans again", endpoint);
      } else {
        LOG.warn(
            "tracing: {} takes no spans, and they are dropped until it does: is it there, and are p2p.tracing.endpoint and its headers right?",
            endpoint);
      }
    }
  }

  @Override
  public CompletableResultCode flush() {
    return exporter.flush();
  }

  @Override
  public CompletableResultCode shutdown() {
    return exporter.shutdown();
  }
}
