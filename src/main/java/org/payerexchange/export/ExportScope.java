package org.payerexchange.export;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.payerexchange.dialect.ExportForm;
import org.payerexchange.dialect.ExportLimits;

/**
 * What a payer's exports are limited to (FHIR Bulk Data Access 2, "Query Parameters").
 *
 * @param incremental whether an export asks only for what changed since the last one of the same
 *     group that was delivered ({@code _since})
 * @param types resource types, separated by commas ({@code _type}); empty: the usual ones
 * @param typeFilter searches, as the standard writes them ({@code _typeFilter}); empty: none
 * @param form how they are asked for
 * @param usualTypes what is asked for where no types are named; empty: all
 */
public record ExportScope(
    boolean incremental, String types, String typeFilter, ExportForm form, String usualTypes) {
  /** All of it, every time. */
  public static final ExportScope EVERYTHING = new ExportScope(false, "", "");

  /** Of a payer that wants nothing special. */
  public ExportScope(boolean incremental, String types, String typeFilter) {
    this(incremental, types, typeFilter, ExportForm.PLAIN, "");
  }

  /**
   * Checks the types.
   *
   * @throws IllegalArgumentException if one is no plain resource type name
   */
  public ExportScope {
    types = types.isBlank() ? usualTypes : types.replaceAll("\\s", "");
    typeFilter = typeFilter.strip();
    if (!types.matches("([A-Z][A-Za-z]{1,63}(,[A-Z][A-Za-z]{1,63})*)?")) {
      throw new IllegalArgumentException("must be resource types separated by commas");
    }
  }

  /**
   * What one export is limited to.
   *
   * @param since from when on to ask; empty for all
   */
  ExportLimits limits(Optional<Instant> since) {
    return new ExportLimits(since.orElse(null), types, typeFilter, form);
  }

  /**
   * Types and filter as one text, the other way round of {@link #isWithin}. With a time at which it
   * ends nothing is within it.
   */
  String text() {
    String until = form.until() == null ? "" : "_until=%s ".formatted(form.until());
    return types + " " + until + typeFilter;
  }

  /**
   * Whether an export with another scope had all that this one asks for. Filters are not compared
   * but for being the same.
   *
   * @param text the other's {@link #text()}
   */
  boolean isWithin(String text) {
    String[] other = text.split(" ", 2);
    // before the usual types were kept, too
    String otherTypes = other[0].isEmpty() ? usualTypes : other[0];
    boolean sameTypes =
        otherTypes.isEmpty()
            || (!types.isEmpty()
                && Set.of(otherTypes.split(",")).containsAll(List.of(types.split(","))));
    return sameTypes && (other[1].isEmpty() || other[1].equals(typeFilter));
  }
}
