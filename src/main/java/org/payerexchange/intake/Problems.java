package org.payerexchange.intake;

import java.util.ArrayList;
import java.util.List;
import org.payerexchange.intake.IntakeProblem.Reason;

/** What is wrong with one record; only so many problems are named, the others are counted. */
final class Problems {
  private static final int MOST = 50;

  private final List<IntakeProblem> named = new ArrayList<>();
  private int more;

  void add(Reason reason, String field, String why) {
    add(new IntakeProblem(reason, field, why));
  }

  void add(IntakeProblem problem) {
    if (named.size() < MOST) {
      named.add(problem);
    } else {
      more++;
    }
  }

  boolean isEmpty() {
    return named.isEmpty();
  }

  /** Whether this field, or one that it is a part of, is named already. */
  boolean name(String field) {
    return named.stream()
        .map(IntakeProblem::field)
        .anyMatch(known -> field.equals(known) || field.startsWith(known + "."));
  }

  List<IntakeProblem> list() {
    List<IntakeProblem> all = new ArrayList<>(named);
    if (more > 0) {
      all.add(
          new IntakeProblem(Reason.INVALID, "", "has other problems, and %s more".formatted(more)));
    }
    return List.copyOf(all);
  }
}
