package org.payerexchange.split;

/**
 * Lines that no member gets.
 *
 * @param resourceType their resource type
 * @param reason why
 * @param lines how many there are
 */
public record NobodysLines(String resourceType, Reason reason, long lines) {

  /** Why a line goes to nobody. */
  public enum Reason {
    /** Its type is neither a member's nor shareable. */
    OTHER_TYPE,
    /** It names no Patient as its owner. */
    NO_OWNER,
    /** It names several Patients as its owners, or one of them in a way that tells not which. */
    SEVERAL_OWNERS,
    /** Its owner is no member of the job. */
    STRANGER,
    /** Its owner is a member who is not to get anything any more. */
    MEMBER_OUT,
    /**
     * It is shareable, but refers to a Patient or to what belongs to one, or holds such a thing.
     */
    ABOUT_A_PATIENT,
    /** It belongs to one member only under conditions that do not hold. */
    NOT_ONE_MEMBERS,
    /** It is shareable, but nothing that a member gets refers to it. */
    NOT_REFERRED_TO,
    /** It is shareable, and there is a newer one, or the same one, of the same id. */
    REPEATED,
    /** It cannot be read within our limits. */
    UNREADABLE
  }
}
