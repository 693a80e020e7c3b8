package org.payerexchange.trace;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.time.Duration;
import org.payerexchange.ledger.LedgerListener;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.Claim;
import org.payerexchange.step.FailureReason;

/**
 * One trace for each transfer, and for each batch of members, over all nodes and restarts: its id
 * is the transfer's without dashes ({@link TraceIds}). Its first span says that the record came;
 * under that stand its steps, under each step the requests to payers, and last its end. No span
 * says anything of a member, a URL or a body.
 */
public final class TransferTraces implements LedgerListener {
  static final String REASON = "payer_exchange.reason";

  private static final AttributeKey<String> TRANSFER =
      AttributeKey.stringKey("payer_exchange.transfer");
  private static final AttributeKey<String> PAYER = AttributeKey.stringKey("payer_exchange.payer");

  private final Tracer tracer;
  private final TraceIds ids;

  TransferTraces(Tracer tracer, TraceIds ids) {
    this.tracer = tracer;
    this.ids = ids;
  }

  /** A record has come, and is a transfer now; the trace of its sender, if known, is linked. */
  public void received(String transferId, String payer) {
    first(transferId, of(transferId, "received", payer).addLink(Span.current().getSpanContext()));
  }

  @Override
  public void batchOpened(String batchId, String payer) {
    first(batchId, of(batchId, "opened", payer));
  }

  private void first(String id, SpanBuilder span) {
    ids.whileFirst(id, () -> span.setNoParent().startSpan().end());
  }

  /**
   * A step has begun in this thread, in which requests to payers are its spans until it ends.
   *
   * @return what is told of its end
   */
  public StepSpan begin(Claim claim) {
    String step = claim.stage().name();
    return new StepSpan(
        of(claim.transferId(), step, claim.payer())
            .setAttribute("payer_exchange.step", step)
            .setAttribute("payer_exchange.attempt", claim.attempts() + 1L)
            .startSpan());
  }

  @Override
  public void ended(
      String transferId, String payer, TransferState end, FailureReason why, Duration age) {
    SpanBuilder ended =
        of(transferId, "ended", payer).setAttribute("payer_exchange.state", end.name());
    if (why != null) {
      ended.setAttribute(REASON, why.name());
    }
    ended.startSpan().end();
  }

  private SpanBuilder of(String transferId, String name, String payer) {
    return tracer
        .spanBuilder(name)
        .setParent(Context.root().with(Span.wrap(ids.first(transferId))))
        .setAttribute(TRANSFER, transferId)
        .setAttribute(PAYER, payer);
  }
}
