package org.payerexchange.payer;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** When requests for a payer's files carry its token; none for a signed URL does. */
public enum TokenOnFiles {
  /** As the manifest says; where it says nothing, on the base URL's origin. */
  MANIFEST,
  /** Never, whatever the manifest says. */
  NEVER,
  /** On the base URL's origin, whatever the manifest says. */
  SAME_HOST;

  /**
   * What a configuration names.
   *
   * @throws IllegalArgumentException naming what there is
   */
  public static TokenOnFiles of(String text) {
    return Arrays.stream(values())
        .filter(each -> each.key().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "must be one of "
                        + Arrays.stream(values())
                            .map(TokenOnFiles::key)
                            .collect(Collectors.joining(", "))));
  }

  private String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
