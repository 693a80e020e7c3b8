package org.payerexchange.step;

/** An exception's type, place and causes without their messages, which may quote PHI. */
final class WithoutMessage extends Exception {
  private static final long serialVersionUID = 1L;
  private static final int DEEPEST = 10;

  WithoutMessage(Throwable original) {
    this(original, DEEPEST);
  }

  private WithoutMessage(Throwable original, int depth) {
    super(
        original.getClass().getName(),
        original.getCause() == null || depth == 0
            ? null
            : new WithoutMessage(original.getCause(), depth - 1),
        false,
        true);
    setStackTrace(original.getStackTrace());
  }
}
