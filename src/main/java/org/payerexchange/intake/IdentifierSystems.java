package org.payerexchange.intake;

import java.util.Optional;

/**
 * The {@code Identifier.system}s of a payer's members and coverages, for flat records that give
 * none.
 *
 * @param memberId of its member ids
 * @param coverage of its coverage ids
 */
public record IdentifierSystems(Optional<String> memberId, Optional<String> coverage) {
  /** Of a payer for which none are configured. */
  public static final IdentifierSystems NONE =
      new IdentifierSystems(Optional.empty(), Optional.empty());
}
