package org.payerexchange.sandbox;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * How a sandbox speaks HRex: {@code Patient/$member-match} and what a Patient has.
 *
 * @param version of HRex, whose rules a match's resources have to keep
 * @param offers what its CapabilityStatement names; the rest is there all the same
 * @param strict whether a search must be one of those that US Core demands; 400 for any other
 * @param pageSize how many resources a page has at most, whatever {@code _count} says
 */
public record HrexOptions(Version version, Set<Way> offers, boolean strict, int pageSize) {

  /** The versions between which the rules differ. */
  public enum Version {
    V1_0("1.0"),
    V1_1("1.1");

    private final String number;

    Version(String number) {
      this.number = number;
    }

    /** As a payer's {@code hrex-version} has it. */
    @Override
    public String toString() {
      return number;
    }
  }

  /** How a Patient's data is had. */
  public enum Way {
    EVERYTHING,
    EXPORT,
    SEARCH;

    /** As a payer's {@code retrieval} has it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public HrexOptions {
    offers = Set.copyOf(offers);
    if (pageSize < 1) {
      throw new IllegalArgumentException("A page has 1 resource at least");
    }
  }

  /** Version 1.1, all ways, any search, 100 resources a page. */
  public static HrexOptions defaults() {
    return new HrexOptions(Version.V1_1, EnumSet.allOf(Way.class), false, 100);
  }

  public HrexOptions of(Version other) {
    return new HrexOptions(other, offers, strict, pageSize);
  }

  public HrexOptions offering(Set<Way> ways) {
    return new HrexOptions(version, ways, strict, pageSize);
  }

  /** Answers only the searches that US Core demands. */
  public HrexOptions strictly() {
    return new HrexOptions(version, offers, true, pageSize);
  }

  public HrexOptions paging(int resources) {
    return new HrexOptions(version, offers, strict, resources);
  }
}
