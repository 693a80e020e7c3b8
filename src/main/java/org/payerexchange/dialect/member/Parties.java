package org.payerexchange.dialect.member;

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
   * @param npi its National Provider Identifier: ten digits, of which the last checks the others
   */
  public record Organization(String name, String npi) {
    private static final Pattern NPI = Pattern.compile("[0-9]{10}");

    /** What the issuer's prefix, 80840, adds to the sum that the check digit is made of. */
    private static final int PREFIX = 24;

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
        throw new IllegalArgumentException(
            "an NPI has ten digits, of which the last checks the others");
      }
    }

    /** Whether a text can be a National Provider Identifier (ISO/IEC 7812-1, Luhn's formula). */
    public static boolean isNpi(String text) {
      if (!NPI.matcher(text).matches()) {
        return false;
      }
      int sum = PREFIX;
      for (int place = 0; place < text.length(); place++) {
        int digit = Character.digit(text.charAt(place), 10) * (place % 2 == 0 ? 2 : 1);
        sum += digit > 9 ? digit - 9 : digit;
      }
      return sum % 10 == 0;
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
