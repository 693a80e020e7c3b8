package org.payerexchange.support;

import java.util.Set;
import org.payerexchange.payer.CallLimits;
import org.payerexchange.payer.ExtraHeaders;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.TokenOnFiles;

/** Payers that are called seldom, or at certain hours. */
public final class LimitedPayers {
  private LimitedPayers() {}

  /** The same payer within these limits. */
  public static Payer limited(Payer payer, CallLimits limits) {
    return new Payer(
        payer.client(),
        payer.baseUrl(),
        Set.of(),
        Set.of(),
        Set.of(),
        payer.dialect(),
        payer.maxParallelRequests(),
        ExtraHeaders.NONE,
        TokenOnFiles.MANIFEST,
        false,
        limits);
  }
}
