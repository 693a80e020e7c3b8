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
    int length = pattern.length();
    long from = position / length;
    int skip = (int) (position % length);
    int count = (skip + size + length - 1) / length;
    byte[] whole = new byte[count * length];
    for (int index = 0; index < count; index++) {
      long number = first + from + index;
      pattern.write(
          members[(int) (number % members.length)],
          ranks[(int) (number / members.length)],
          whole,
          index * length);
    }
    byte[] wanted = new byte[size];
    System.arraycopy(whole, skip, wanted, 0, size);
    return wanted;
  }
}
