package org.payerexchange.trace;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Scope;
import org.payerexchange.step.FailureReason;

/** The span of a step that runs in the thread that has made this. */
public final class StepSpan {
  private final Span span;
  private final Scope scope;

  /** {@link #end} closes the scope. */
  @SuppressWarnings("MustBeClosedChecker")
  StepSpan(Span span) {
    this.span = span;
    this.scope = span.makeCurrent();
  }

  /**
   * The step has ended.
   *
   * @param failure why it failed; null if it did not
   */
  public void end(FailureReason failure) {
    scope.close();
    if (failure != null) {
      span.setStatus(StatusCode.ERROR).setAttribute(TransferTraces.REASON, failure.name());
    }
    span.end();
  }
}
