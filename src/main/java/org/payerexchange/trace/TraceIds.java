package org.payerexchange.trace;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.List;

/**
 * The ids of traces: a transfer's own, a UUID without its dashes, so that whoever has the one finds
 * the other, and no node has to be told. The first span has the last half of it as its id.
 */
final class TraceIds implements IdGenerator {
  private static final int HALF = 16;

  /** The last seven bytes of a UUID are random in full. */
  private static final int RANDOM_DIGITS = 14;

  private static final double ALL = 0x1p56;

  private static final ContextKey<SpanContext> FIRST = ContextKey.named("first span");

  private final IdGenerator random = IdGenerator.random();
  private final long kept;

  /**
   * Ids of traces of which some are kept.
   *
   * @param share of all transfers: 1.0 for each
   */
  TraceIds(double share) {
    this.kept = (long) (share * ALL);
  }

  /** The first span of a transfer's trace. */
  SpanContext first(String transferId) {
    String hex = transferId.replace("-", "");
    return SpanContext.createFromRemoteParent(
        hex,
        hex.substring(HALF),
        isKept(hex) ? TraceFlags.getSampled() : TraceFlags.getDefault(),
        TraceState.getDefault());
  }

  /** Has a span without a parent that is started in that time be the first of a trace. */
  void whileFirst(String transferId, Runnable start) {
    Context.current().with(FIRST, first(transferId)).wrap(start).run();
  }

  /** Keeps all spans of a trace, or none, on whatever node they are made. */
  Sampler sampler() {
    return Sampler.parentBased(
        new Sampler() {
          @Override
          public SamplingResult shouldSample(
              Context parent,
              String traceId,
              String name,
              SpanKind kind,
              Attributes attributes,
              List<LinkData> links) {
            return isKept(traceId) ? SamplingResult.recordAndSample() : SamplingResult.drop();
          }

          @Override
          public String getDescription() {
            return "by the transfer's id";
          }
        });
  }

  private boolean isKept(String traceId) {
    return Long.parseLong(traceId.substring(traceId.length() - RANDOM_DIGITS), 16) < kept;
  }

  @Override
  public String generateTraceId() {
    SpanContext given = Context.current().get(FIRST);
    return given == null ? random.generateTraceId() : given.getTraceId();
  }

  @Override
  public String generateSpanId() {
    SpanContext given = Context.current().get(FIRST);
    return given == null ? random.generateSpanId() : given.getSpanId();
  }
}
