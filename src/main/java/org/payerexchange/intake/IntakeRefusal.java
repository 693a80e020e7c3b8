package org.payerexchange.intake;

/** A message or a request whose body cannot be read at all, with a reason without PHI. */
public final class IntakeRefusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Kind kind;

  IntakeRefusal(Kind kind, String why) {
    super(why);
    this.kind = kind;
  }

  /** The HTTP status that says so: 4xx. */
  public int status() {
    return kind.status;
  }

  /** What is wrong, to be read after what it is about: {@code is not gzip}. */
  public String why() {
    return getMessage();
  }

  IntakeProblem problem() {
    return new IntakeProblem(kind.reason, "", why());
  }

  /** The kinds of refusals. */
  enum Kind {
    /** It is not what it says that it is. */
    BROKEN(400, IntakeProblem.Reason.UNREADABLE),
    /** It is larger than what is taken. */
    TOO_LARGE(413, IntakeProblem.Reason.TOO_LONG),
    /** It is written in a way that is not taken. */
    UNSUPPORTED(415, IntakeProblem.Reason.UNREADABLE);

    private final int status;
    private final IntakeProblem.Reason reason;

    Kind(int status, IntakeProblem.Reason reason) {
      this.status = status;
      this.reason = reason;
    }
  }
}
