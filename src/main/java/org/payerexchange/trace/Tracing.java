package org.payerexchange.trace;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Sends spans to a collector by OTLP over HTTP, in the background: no step waits for it, and what
 * it does not take is dropped.
 */
public final class Tracing implements AutoCloseable {
  private static final String SCOPE = "org.payerexchange";
  private static final int SECONDS_TO_STOP = 3;

  private final OpenTelemetry telemetry;
  private final TraceIds ids;

  private Tracing(OpenTelemetry telemetry, TraceIds ids) {
    this.telemetry = telemetry;
    this.ids = ids;
  }

  /** Makes no spans. */
  public static Tracing off() {
    return new Tracing(OpenTelemetry.noop(), new TraceIds(0));
  }

  /**
   * Sends them there.
   *
   * @param endpoint such as {@code http://collector:4318/v1/traces}
   * @param headers that each request carries
   * @param share of the transfers that are traced: 1.0 for each
   * @param node this process's id
   * @param version of the bundle
   */
  public static Tracing to(
      URI endpoint, Map<String, String> headers, double share, String node, String version) {
    TraceIds ids = new TraceIds(share);
    var exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(endpoint.toString())
            .setHeaders(() -> headers)
            .build();
    SdkTracerProvider spans =
        SdkTracerProvider.builder()
            .setIdGenerator(ids)
            .setSampler(ids.sampler())
            .setResource(
                Resource.getDefault()
                    .merge(
                        Resource.create(
                            Attributes.builder()
                                .put("service.name", "payer-exchange")
                                .put("service.instance.id", node)
                                .put("service.version", version)
                                .build())))
            .addSpanProcessor(
                BatchSpanProcessor.builder(new ToldExporter(exporter, endpoint.toString())).build())
            .build();
    return new Tracing(OpenTelemetrySdk.builder().setTracerProvider(spans).build(), ids);
  }

  /** Spans of transfers and their steps. */
  public TransferTraces transfers() {
    return new TransferTraces(tracer(), ids);
  }

  /** Other spans, under the one that is current in their thread. */
  public Tracer tracer() {
    return telemetry.getTracer(SCOPE);
  }

  /** Sends what is still to be sent, as far as the collector takes it within three seconds. */
  @Override
  public void close() {
    if (telemetry instanceof OpenTelemetrySdk sdk) {
      sdk.shutdown().join(SECONDS_TO_STOP, TimeUnit.SECONDS);
    }
  }
}
