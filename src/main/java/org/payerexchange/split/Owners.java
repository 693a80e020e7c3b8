package org.payerexchange.split;

/**
 * Whose something is, as far as that is known: of nobody so far, of one member, or of no single
 * member for good. What is learned only ever leads further, so that the order does not matter.
 */
final class Owners {
  /** Nothing is known yet. */
  static final long NONE = 0;

  /** Of several members, of a stranger, or of somebody who is not known. */
  static final long MANY = -1;

  private Owners() {}

  /** Of this member alone. */
  static long of(int member) {
    return member + 1L;
  }

  /** Of this member, or of none of them if the number is negative. */
  static long ofMemberOrStranger(int member) {
    return member < 0 ? MANY : of(member);
  }

  /** The one member that it is of; negative if there is none. */
  static int member(long owner) {
    return owner == NONE || owner == MANY ? -1 : (int) (owner - 1);
  }

  /** Both together. */
  static long join(long one, long other) {
    if (one == NONE || one == other) {
      return other;
    }
    return other == NONE ? one : MANY;
  }
}
