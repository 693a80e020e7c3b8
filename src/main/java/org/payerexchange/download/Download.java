package org.payerexchange.download;

import java.io.InputStream;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.step.KeptLease;

/**
 * How far one file's download has got under one lease: whether it is to be asked for, once more
 * behind a piece of it, and what has come. Used by one thread at a time.
 */
public final class Download {
  private final OutputFileClaim claim;
  private final KeptLease lease;
  private final Reception reception;
  private final MinimumSpeed.Measured speed;
  private boolean open = true;
  private boolean plain;
  private String contentType;

  Download(
      OutputFileClaim claim, KeptLease lease, Reception reception, MinimumSpeed.Measured speed) {
    this.speed = speed;
    this.claim = claim;
    this.lease = lease;
    this.reception = reception;
  }

  OutputFileClaim claim() {
    return claim;
  }

  KeptLease lease() {
    return lease;
  }

  Reception reception() {
    return reception;
  }

  /** An answer's body, which has to come no slower than all before it. */
  InputStream measured(InputStream body) {
    return speed.of(body);
  }

  PartialFile part() {
    return reception.part();
  }

  /** Whether something of it has come, of which the rest is to be asked for. */
  boolean hasBegun() {
    return reception.copy() != null;
  }

  boolean isOpen() {
    return open;
  }

  void close() {
    open = false;
  }

  void askOn() {
    open = true;
  }

  /** Whether it is asked for without any packing. */
  boolean isPlain() {
    return plain;
  }

  void askPlainly() {
    plain = true;
    open = true;
  }

  /** Answers behind the first need not tell the type. */
  void said(Object type) {
    contentType = contentType == null && type != null ? type.toString() : contentType;
  }

  String contentType() {
    return String.valueOf(contentType);
  }

  /** Names the step only. */
  @Override
  public String toString() {
    return "Download[%s]".formatted(claim.inWords());
  }
}
