package org.payerexchange.dialect.hrex;

/** Versions of HRex, as far as requests differ. */
public enum HrexVersion {
  /** The coverage with us has no relationship. */
  V1_0,
  /** 1.1.0 and later: each coverage has one. */
  V1_1
}
