package org.payerexchange.intake;

import java.util.ArrayList;
import java.util.List;
import org.payerexchange.intake.IntakeProblem.Reason;

/**
 * Counts the rejections of one input, a file, a message or a request: the first ones are told one
 * by one, the rest as one when the input has been read. So an input of a million bad records does
 * not become a million rows and files.
 */
public final class RejectionTally {
  private final int most;
  private int told;
  private Rejection firstOfRest;
  private long behindIt;

  RejectionTally(int most) {
    this.most = most;
  }

  /** Those of further rejections that are told one by one. */
  List<Rejection> oneByOne(List<Rejection> further) {
    int now = Math.min(further.size(), most - told);
    told += now;
    if (now < further.size()) {
      behindIt += further.size() - now;
      if (firstOfRest == null) {
        firstOfRest = further.get(now);
        behindIt--;
      }
    }
    return further.subList(0, now);
  }

  /** The rest as one rejection, whose original is the whole input; nothing if there is no rest. */
  List<Rejection> rest() {
    if (firstOfRest == null || behindIt == 0) {
      return firstOfRest == null ? List.of() : List.of(firstOfRest);
    }
    List<IntakeProblem> problems = new ArrayList<>();
    problems.add(
        new IntakeProblem(
            Reason.TOO_MANY,
            "",
            "and %s more behind it are rejected together, the whole input with them"
                .formatted(behindIt)));
    problems.addAll(firstOfRest.problems());
    return List.of(
        new Rejection(
            firstOfRest.source(),
            firstOfRest.number(),
            firstOfRest.form(),
            firstOfRest.original().asBeginning(),
            problems));
  }
}
