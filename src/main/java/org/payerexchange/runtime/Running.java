package org.payerexchange.runtime;

import java.util.Optional;

/**
 * What a command of a framework's shell finds in the same JVM.
 *
 * @param setup what the routes run with
 * @param bundle empty where they do not run
 */
record Running(Setup setup, Optional<PayerExchange> bundle) {}
