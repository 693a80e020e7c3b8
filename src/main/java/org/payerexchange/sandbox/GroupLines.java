package org.payerexchange.sandbox;

/**
 * Lines of one pattern, never held: those of all members of one rank, then those of the next. So a
 * file mixes its members line by line.
 */
final class GroupLines implements Content {
  private final String resourceType;
  private final LinePattern pattern;
  private final int[] members;
  private final int[] ranks;
  private final long first;
  private final long lines;

  /**
   * @param first the number of the first line among those of all members and ranks
   * @param lines how many lines there are
   */
  GroupLines(
      String resourceType,
      LinePattern pattern,
      int[] members,
      int[] ranks,
      long first,
      long lines) {
    this.resourceType = resourceType;
    this.pattern = pattern;
    this.members = members;
    this.ranks = ranks;
    this.first = first;
    this.lines = lines;
  }

  @Override
  public String resourceType() {
    return resourceType;
  }

  @Override
  public long resources() {
    return lines;
  }

  @Override
  public long length() {
    return lines * pattern.length();
  }

  @Override
  public byte[] read(long position, int size) {
    byte[] wanted = new byte[size];
    long number = first + position / pattern.length();
    int skip = (int) (position % pattern.length());
    int turn = -1;
    byte[] line = null;
    for (int written = 0; written < size; number++) {
      if (turn != (int) (number / members.length)) {
        turn = (int) (number / members.length);
        line = pattern.ofRank(ranks[turn]);
      }
      pattern.fill(line, members[(int) (number % members.length)], ranks[turn]);
      int count = Math.min(line.length - skip, size - written);
      System.arraycopy(line, skip, wanted, written, count);
      written += count;
      skip = 0;
    }
    return wanted;
  }
}
