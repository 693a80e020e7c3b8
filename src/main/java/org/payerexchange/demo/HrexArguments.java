package org.payerexchange.demo;

import java.util.EnumSet;
import java.util.Set;
import org.payerexchange.sandbox.HrexOptions;
import picocli.CommandLine.Option;

/** What {@code sandbox} is told of how it is to speak HRex. */
final class HrexArguments {
  private static final HrexOptions DEFAULTS = HrexOptions.defaults();

  @Option(
      names = "--hrex-version",
      description = "HRex: whose rules a match has to keep: ${COMPLETION-CANDIDATES}.")
  private HrexOptions.Version version = DEFAULTS.version();

  @Option(
      names = "--hrex-offer",
      split = ",",
      description =
          "HRex: what its CapabilityStatement names: ${COMPLETION-CANDIDATES}. The rest is there all the same.")
  private Set<HrexOptions.Way> offers = EnumSet.copyOf(DEFAULTS.offers());

  @Option(
      names = "--hrex-strict",
      description = "HRex: a search that US Core does not demand is 400.")
  private boolean strict;

  @Option(names = "--hrex-page-size", description = "HRex: resources of a page, at most.")
  private int pageSize = DEFAULTS.pageSize();

  /** All of it. */
  HrexOptions options() {
    HrexOptions options = DEFAULTS.of(version).offering(offers).paging(pageSize);
    return strict ? options.strictly() : options;
  }
}
