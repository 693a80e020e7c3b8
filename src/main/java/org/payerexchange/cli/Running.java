package org.payerexchange.cli;

import java.util.Optional;
import org.payerexchange.boot.PayerExchange;
import org.payerexchange.boot.Setup;

/**
 * What a command of a framework's shell finds in the same JVM.
 *
 * @param setup what the routes run with
 * @param bundle empty where they do not run
 */
public record Running(Setup setup, Optional<PayerExchange> bundle) {}
