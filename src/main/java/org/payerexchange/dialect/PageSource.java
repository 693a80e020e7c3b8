package org.payerexchange.dialect;

import java.util.List;

/**
 * Something that is read page by page.
 *
 * @param what resource type, for people
 * @param alternatives each a list of paths below the base URL, all of which are read; the next one
 *     is tried where a payer refuses the first path of one
 * @param required whether nothing is had without it
 */
public record PageSource(String what, List<List<String>> alternatives, boolean required) {
  /** Keeps copies. */
  public PageSource {
    alternatives = alternatives.stream().map(List::copyOf).toList();
  }

  /** Not the paths: they hold the payer's Patient. */
  @Override
  public String toString() {
    return "PageSource[%s]".formatted(what);
  }
}
