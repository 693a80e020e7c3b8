package org.payerexchange.ops;

/** An operator's request that is not carried out, as an HTTP status and a reason without PHI. */
public final class OpsRefusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  OpsRefusal(int status, String reason) {
    super(reason);
    this.status = status;
  }

  /** The HTTP status to answer with: 4xx. */
  public int status() {
    return status;
  }
}
