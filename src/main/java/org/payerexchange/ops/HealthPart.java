package org.payerexchange.ops;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/** One part of a node's health: up, or down with its problems. */
public final class HealthPart extends AbstractHealthCheck {
  private final boolean ofLiveness;
  private final Supplier<List<String>> problems;
  private final Supplier<String> words;

  private HealthPart(
      String id, boolean ofLiveness, Supplier<List<String>> problems, Supplier<String> words) {
    super("payer-exchange", id);
    this.ofLiveness = ofLiveness;
    this.problems = problems;
    this.words = words;
  }

  /** A part of readiness: down while there are problems. */
  public static HealthPart ofReadiness(String id, Supplier<List<String>> problems) {
    return new HealthPart(id, false, problems, () -> null);
  }

  /** A part of liveness: down while there are problems. */
  public static HealthPart ofLiveness(String id, Supplier<List<String>> problems) {
    return new HealthPart(id, true, problems, () -> null);
  }

  /** A detail of readiness, always up: the node goes on without what it tells of. */
  public static HealthPart detail(String id, Supplier<String> words) {
    return new HealthPart(id, false, List::of, words);
  }

  @Override
  public boolean isLiveness() {
    return ofLiveness;
  }

  @Override
  public boolean isReadiness() {
    return !ofLiveness;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    List<String> found = problemsNow();
    if (found.isEmpty()) {
      builder.message(words.get()).up();
    } else {
      builder.message(String.join("; ", found)).down();
    }
  }

  private List<String> problemsNow() {
    try {
      return problems.get();
    } catch (DataAccessException | TransactionException away) {
      return List.of("the ledger does not answer");
    }
  }
}
