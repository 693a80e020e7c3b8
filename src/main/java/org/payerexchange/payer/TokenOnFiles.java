package org.payerexchange.payer;

/** When requests for a payer's files carry its token; none for a signed URL does. */
public enum TokenOnFiles {
  /** As the manifest says; where it says nothing, on the base URL's origin. */
  MANIFEST,
  /** Never, whatever the manifest says. */
  NEVER,
  /** On the base URL's origin, whatever the manifest says. */
  SAME_HOST;
}
