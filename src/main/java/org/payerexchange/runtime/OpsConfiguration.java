package org.payerexchange.runtime;

import org.apache.camel.CamelContext;
import org.payerexchange.ops.OpsAccess;

/**
 * Reads {@code p2p.ops.api-key}, here rather than in the YAML, since Camel would make a number of a
 * key of digits, and end another at its quotes.
 */
public final class OpsConfiguration {
  private OpsConfiguration() {}

  /** Who may call the ops API. */
  public static OpsAccess access(CamelContext context) {
    return new OpsAccess(new Settings(context).text("p2p.ops.api-key"));
  }
}
