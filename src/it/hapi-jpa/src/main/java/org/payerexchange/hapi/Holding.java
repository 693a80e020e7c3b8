package org.payerexchange.hapi;

import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import java.io.PrintStream;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Bundle.BundleType;

/**
 * Once enough is stored it says so and answers no Bundle until it is let go: what is stored then is
 * not known to whoever sent it.
 */
@Interceptor
public final class Holding {
  private static final Set<BundleType> ANSWERS =
      EnumSet.of(BundleType.TRANSACTIONRESPONSE, BundleType.BATCHRESPONSE);

  private final int limit;
  private final PrintStream out;
  private final CountDownLatch released = new CountDownLatch(1);
  private int stored;

  Holding(int limit, PrintStream out) {
    this.limit = limit;
    this.out = out;
  }

  /** Holds the answer to a transaction or batch, which is committed by now. */
  @Hook(Pointcut.SERVER_OUTGOING_RESPONSE)
  public void answer(IBaseResource answer) throws InterruptedException {
    if (answer instanceof Bundle bundle
        && ANSWERS.contains(bundle.getType())
        && isEnough(bundle.getEntry().size())) {
      released.await();
    }
  }

  /** Lets all answers go, for good. */
  void letGo() {
    released.countDown();
  }

  private synchronized boolean isEnough(int more) {
    boolean before = stored >= limit;
    stored += more;
    if (!before && stored >= limit) {
      out.println("held");
    }
    return stored >= limit;
  }
}
