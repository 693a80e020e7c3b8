package org.payerexchange.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;

/**
 * What others send as JSON is bounded in depth, tokens and length of numbers, names and strings,
 * before any of it is made an object.
 */
public final class JsonLimits {
  private static final int DEPTH = 100;
  private static final int NUMBER_LENGTH = 100;
  private static final int NAME_LENGTH = 1000;

  private JsonLimits() {}

  /**
   * A factory of parsers that refuse more with a {@link
   * com.fasterxml.jackson.core.exc.StreamConstraintsException}.
   *
   * @param tokens most brackets, names and values in a document
   * @param stringLength most characters in a string
   */
  public static JsonFactory factory(long tokens, int stringLength) {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(DEPTH)
                .maxTokenCount(tokens)
                .maxNumberLength(NUMBER_LENGTH)
                .maxNameLength(NAME_LENGTH)
                .maxStringLength(stringLength)
                .build())
        .build();
  }
}
