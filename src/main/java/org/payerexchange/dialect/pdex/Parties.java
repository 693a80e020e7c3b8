package org.payerexchange.dialect.pdex;

import java.net.URI;
import java.util.regex.Pattern;

/**
 * Who asks and who is asked.
 *
 * @param own us, the new payer
 * @param ownUri names us; documents that we keep are identified under it
 * @param payer the old payer
 */
public record Parties(Organization own, URI ownUri, Organization payer) {
  /**
   * A payer as others know it.
   *
   * @param name for people
   * @param npi its National Provider Identifier, ten digits
   */
  public record Organization(String name, String npi) {
    private static final Pattern NPI = Pattern.compile("[0-9]{10}");

    /**
     * Checks both.
     *
     * @throws IllegalArgumentException saying which is wrong
     */
    public Organization {
      if (name.isBlank()) {
        throw new IllegalArgumentException("an organization has a name");
      }
      if (!isNpi(npi)) {
        throw new IllegalArgumentException("an NPI has ten digits");
      }
    }

    /** Whether a text has the form of a National Provider Identifier: ten digits. */
    public static boolean isNpi(String text) {
      return NPI.matcher(text).matches();
    }
  }

  /**
   * Checks the URI.
   *
   * @throws IllegalArgumentException if it is relative
   */
  public Parties {
    if (!ownUri.isAbsolute()) {
      throw new IllegalArgumentException("the URI of an organization is absolute");
    }
  }
}
