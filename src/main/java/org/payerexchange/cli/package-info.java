/** The command line: what {@code bin/payer-exchange} runs. */
package org.payerexchange.cli;
