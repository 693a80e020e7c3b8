package org.payerexchange.retrieve;

/**
 * Which page of what is read is next.
 *
 * @param source which of what is read; those behind the last are what is read by reference
 * @param alternative which way of reading it
 * @param path which of its paths
 * @param next where the next page is; null for the first of the path
 */
record Place(int source, int alternative, int path, String next) {
  static final Place FIRST = new Place(0, 0, 0, null);

  /** The page behind this one; null where it is the path's last. */
  Place then(String following) {
    return following == null ? nextPath() : new Place(source, alternative, path, following);
  }

  Place nextPath() {
    return new Place(source, alternative, path + 1, null);
  }

  Place beginningOfPath() {
    return new Place(source, alternative, path, null);
  }

  Place nextAlternative() {
    return new Place(source, alternative + 1, 0, null);
  }

  Place nextSource() {
    return new Place(source + 1, 0, 0, null);
  }

  /** Not the URL. */
  @Override
  public String toString() {
    return "Place[%s, %s, %s]".formatted(source, alternative, path);
  }
}
