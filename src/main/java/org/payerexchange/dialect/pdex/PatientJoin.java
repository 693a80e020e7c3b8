package org.payerexchange.dialect.pdex;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How the members stand in the request of an export that is for some of a Group. */
public enum PatientJoin {
  /** A parameter {@code patient} each, as the standard has it. */
  REPEAT,
  /** One parameter, in which commas separate them. */
  COMMA,
  /** Nowhere: the payer exports whole Groups only. */
  NONE;

  /**
   * What a configuration names.
   *
   * @throws IllegalArgumentException naming what there is
   */
  public static PatientJoin of(String text) {
    return Arrays.stream(values())
        .filter(each -> each.key().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "must be one of "
                        + Arrays.stream(values())
                            .map(PatientJoin::key)
                            .collect(Collectors.joining(", "))));
  }

  private String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
