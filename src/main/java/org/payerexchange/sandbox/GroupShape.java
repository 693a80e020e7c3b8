package org.payerexchange.sandbox;

/**
 * What the export of a bulk match's Group holds.
 *
 * @param resourcesPerMember of each member with data: its Patient, its Coverage, and so many more
 *     that there are these in all; at least 2
 * @param bytesPerResource about how large each of the others is, in bytes; 0: as small as it can be
 * @param filesPerType how many files the lines of one type are spread over; at least 1
 */
public record GroupShape(int resourcesPerMember, int bytesPerResource, int filesPerType) {

  public GroupShape {
    if (resourcesPerMember < 2 || filesPerType < 1) {
      throw new IllegalArgumentException(
          "A member has 2 resources at least, and a type has 1 file at least");
    }
  }
}
