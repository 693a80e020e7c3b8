package org.payerexchange.split;

import org.payerexchange.ledger.FileKind;

/**
 * Lines that no member gets.
 *
 * @param resourceType their resource type
 * @param reason why
 * @param lines how many there are
 */
public record NobodysLines(String resourceType, Reason reason, long lines) {

  /** Both in a sentence: {@code 12 lines of List are no member's: …}. */
  public String inWords() {
    return "%s line%s of %s %s no member's: %s"
        .formatted(
            lines, lines == 1 ? "" : "s", resourceType, lines == 1 ? "is" : "are", reason.words);
  }

  /** Whether they could be any member's, or what a member's lines refer to. */
  boolean mayBeAnybodys() {
    return reason == Reason.UNREADABLE
        && (resourceType.equals(FileKind.ALL_TYPES)
            || Ownership.of(resourceType).rule() != Ownership.Rule.NOBODYS);
  }

  /** Why a line goes to nobody. */
  public enum Reason {
    /** Its type is neither a member's nor shareable. */
    OTHER_TYPE("what is of this type is neither one member's nor shared"),
    /** It names no Patient as its owner. */
    NO_OWNER("no Patient is named as the owner"),
    /** It names several Patients as its owners, or one of them in a way that tells not which. */
    SEVERAL_OWNERS("it is not told which one Patient is the owner"),
    /** Its owner is no member of the job. */
    STRANGER("the owner is no member of the export"),
    /** Its owner is a member who is not to get anything any more. */
    MEMBER_OUT("the owner waits for it no more"),
    /**
     * It is shareable, but refers to a Patient or to what belongs to one, or holds such a thing.
     */
    ABOUT_A_PATIENT("it would be shared, but tells of a Patient"),
    /** It belongs to one member only under conditions that do not hold. */
    NOT_ONE_MEMBERS("what refers to it, or it refers to, is not one member's alone"),
    /** It is shareable, but nothing that a member gets refers to it. */
    NOT_REFERRED_TO("nothing that a member gets refers to it"),
    /** It is shareable, and there is a newer one, or the same one, of the same id. */
    REPEATED("another of the same id stands for it"),
    /** It cannot be read within our limits. */
    UNREADABLE("it is beyond our limits of JSON");

    private final String words;

    Reason(String words) {
      this.words = words;
    }
  }
}
