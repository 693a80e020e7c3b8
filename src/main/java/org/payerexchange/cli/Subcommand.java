package org.payerexchange.cli;

import picocli.CommandLine.Model.CommandSpec;

/**
 * A command that another jar brings along, found as a {@link java.util.ServiceLoader} finds it: a
 * class with picocli's {@code @Command}.
 */
public interface Subcommand {
  /** Completes the command's help. */
  default void describe(CommandSpec command) {}
}
