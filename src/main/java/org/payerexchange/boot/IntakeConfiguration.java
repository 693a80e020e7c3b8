package org.payerexchange.boot;

import java.time.Clock;
import org.apache.camel.CamelContext;
import org.payerexchange.intake.IntakeValidator;
import org.payerexchange.payer.Payers;

/**
 * Reads {@code p2p.default-payer}, here rather than in the YAML, since Camel would make a number of
 * an id of digits.
 */
public final class IntakeConfiguration {
  private IntakeConfiguration() {}

  /**
   * Which records may become transfers.
   *
   * @throws IllegalArgumentException if the default payer is none of the payers, or a payer's
   *     identifier system is no URI
   */
  public static IntakeValidator validator(CamelContext context, Payers payers, Clock clock) {
    String defaultPayer = PayerConfiguration.defaultPayer(new Settings(context));
    return new IntakeValidator(
        payers, defaultPayer, PayerConfiguration.identifierSystems(context), clock);
  }
}
