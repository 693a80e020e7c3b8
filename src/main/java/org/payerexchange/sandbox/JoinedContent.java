package org.payerexchange.sandbox;

import java.util.List;

/** Contents one after the other, as one file. */
final class JoinedContent implements Content {
  private final List<Content> parts;

  /**
   * @param parts of one type, each of them whole lines
   */
  JoinedContent(List<Content> parts) {
    this.parts = List.copyOf(parts);
  }

  @Override
  public String resourceType() {
    return parts.get(0).resourceType();
  }

  @Override
  public long resources() {
    return parts.stream().mapToLong(Content::resources).sum();
  }

  @Override
  public long length() {
    return parts.stream().mapToLong(Content::length).sum();
  }

  @Override
  public byte[] read(long position, int size) {
    byte[] wanted = new byte[size];
    int written = 0;
    long before = 0;
    for (Content part : parts) {
      long from = position + written - before;
      if (written < size && from < part.length()) {
        int count = (int) Math.min(size - written, part.length() - from);
        System.arraycopy(part.read(from, count), 0, wanted, written, count);
        written += count;
      }
      before += part.length();
    }
    return wanted;
  }
}
