package org.payerexchange.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * A line of which there is one for each member and rank: a resource with holes, each filled with
 * what follows from the two. All lines are equally long.
 */
final class LinePattern {
  /** The shared resources that lines refer to: so many of each kind. */
  static final int DOCTORS = 50;

  static final int CLINICS = 10;
  static final int DRUGS = 5;

  /** Stands for the time of the last change. */
  static final String UPDATED = "@@@@@@UPDATED@@@@@@@";

  private static final Instant FIRST_UPDATE = Instant.parse("2025-01-01T00:00:00Z");
  private static final LocalDate FIRST_DAY = LocalDate.of(2016, 1, 1);
  private static final int DAYS = 3600;

  private static final List<Hole> HOLES =
      List.of(
          new Hole("@@MEMBER@", true, (member, rank) -> digits(member, 9)),
          new Hole("@RANK@", false, (member, rank) -> digits(rank, 6)),
          new Hole("@A@", true, (member, rank) -> digits((member + rank) % DOCTORS, 3)),
          new Hole("@B@", true, (member, rank) -> digits(member % CLINICS, 3)),
          new Hole("@C@", false, (member, rank) -> digits(rank % DRUGS, 3)),
          new Hole("@@BIRTH@@@", true, (member, rank) -> text(PdexMember.birthDate(member))),
          new Hole("@@SERVED@@", false, (member, rank) -> text(served(rank))),
          new Hole(UPDATED, false, (member, rank) -> text(updated(rank))));

  private final byte[] line;
  private final List<Place> ofMembers = new ArrayList<>();
  private final List<Place> ofRanks = new ArrayList<>();

  LinePattern(ObjectNode resource) {
    String text = resource + "\n";
    this.line = text.getBytes(UTF_8);
    if (line.length != text.length()) {
      throw new IllegalArgumentException("The resource has other letters than ASCII");
    }
    for (Hole hole : HOLES) {
      for (int at = text.indexOf(hole.mark); at >= 0; at = text.indexOf(hole.mark, at + 1)) {
        (hole.ofMember ? ofMembers : ofRanks).add(new Place(hole, at));
      }
    }
  }

  /** When a resource of this rank was changed: an hour after the one before. */
  static Instant updated(int rank) {
    return FIRST_UPDATE.plus(rank, ChronoUnit.HOURS);
  }

  /** The day of service of a resource of this rank: 30 days after the one before, for ten years. */
  static LocalDate served(int rank) {
    return FIRST_DAY.plusDays(30L * rank % DAYS);
  }

  /** Of each line, its end included. */
  int length() {
    return line.length;
  }

  /** A line of this rank, for {@link #fill} to make it any member's. */
  byte[] ofRank(int rank) {
    byte[] ofRank = line.clone();
    fill(ofRank, ofRanks, 0, rank);
    return ofRank;
  }

  /** Makes a line of this rank the member's, whosever it was before. */
  void fill(byte[] ofRank, int member, int rank) {
    fill(ofRank, ofMembers, member, rank);
  }

  /** The line of this member and rank, without its end. */
  String line(int member, int rank) {
    byte[] whole = ofRank(rank);
    fill(whole, member, rank);
    return new String(whole, 0, whole.length - 1, UTF_8);
  }

  private static void fill(byte[] target, List<Place> places, int member, int rank) {
    for (Place place : places) {
      byte[] filling = place.hole.filling.of(member, rank);
      System.arraycopy(filling, 0, target, place.at, filling.length);
    }
  }

  private record Place(Hole hole, int at) {}

  /**
   * What differs from line to line.
   *
   * @param mark what stands in its place, as long as what is filled in
   * @param ofMember whether it differs between members of one rank
   */
  private record Hole(String mark, boolean ofMember, Filling filling) {}

  private interface Filling {
    byte[] of(int member, int rank);
  }

  private static byte[] digits(int number, int length) {
    byte[] digits = new byte[length];
    int rest = number;
    for (int digit = length - 1; digit >= 0; digit--) {
      digits[digit] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return digits;
  }

  private static byte[] text(Object time) {
    return time.toString().getBytes(UTF_8);
  }
}
