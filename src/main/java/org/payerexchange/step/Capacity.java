package org.payerexchange.step;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a node does, and how much of it at once. */
public final class Capacity {
  private static final int KEPT_FREE = 4;
  private static final String CALLS = "calls";
  private static final String UNKNOWN_SINKS = "unknown sinks";

  private final Predicate<Stage> does;
  private final Map<Stage, Integer> most;
  private final int calls;
  private final int forEachSink;
  private final Set<String> sinks;
  private final Map<Lease, Held> held = new HashMap<>();
  private final Map<String, Integer> taken = new HashMap<>();

  /**
   * All of it is free.
   *
   * @param does whether the node does steps of a kind at all, at the moment
   * @param most how many steps of a kind it does at once
   * @param calls the same for all kinds together that are not named there
   * @param forEachSink how many deliveries to one sink it does at once
   * @param sinks those that it knows
   */
  public Capacity(
      Predicate<Stage> does,
      Map<Stage, Integer> most,
      int calls,
      int forEachSink,
      Set<String> sinks) {
    this.does = does;
    this.most = Map.copyOf(most);
    this.calls = calls;
    this.forEachSink = forEachSink;
    this.sinks = Set.copyOf(sinks);
  }

  /** Nothing is done. */
  public static Capacity none() {
    return new Capacity(kind -> false, Map.of(), 0, 0, Set.of());
  }

  /** The kinds of steps that the node does at the moment; may look at folders and disks. */
  public Set<Stage> kinds() {
    return Stream.of(Stage.values())
        .filter(does)
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Stage.class)));
  }

  /** The sinks that it knows. */
  public Set<String> sinks() {
    return sinks;
  }

  /** How many steps more of a kind it can take on, from all lanes together. */
  public synchronized int free(Stage kind) {
    return left(kind, "");
  }

  /**
   * How many of them may be one lane's. Where steps may take hours, a quarter of the places is left
   * to lanes that have none, so that a few slow ones never have them all.
   */
  public synchronized int free(Stage kind, String lane) {
    int left = left(kind, lane);
    if (!kind.mayTakeHours()) {
      return left;
    }
    boolean hasNone = held.values().stream().noneMatch(new Held(place(kind, lane), lane)::equals);
    return Math.max(hasNone ? Math.min(1, left) : 0, left - most(kind) / KEPT_FREE);
  }

  private int left(Stage kind, String lane) {
    return Math.max(0, most(kind) - taken.getOrDefault(place(kind, lane), 0));
  }

  private int most(Stage kind) {
    return kind == Stage.DELIVER ? forEachSink : most.getOrDefault(kind, calls);
  }

  private String place(Stage kind, String lane) {
    if (kind == Stage.DELIVER) {
      return sinks.contains(lane) ? "sink " + lane : UNKNOWN_SINKS;
    }
    return most.containsKey(kind) ? kind.name() : CALLS;
  }

  /** Takes a step on. */
  public synchronized void hold(Claim claim) {
    Held now = new Held(place(claim.stage(), claim.lane()), claim.lane());
    if (held.putIfAbsent(claim.lease(), now) == null) {
      taken.merge(now.place(), 1, Integer::sum);
    }
  }

  /** The step does not need its place any more. */
  public synchronized void release(Claim claim) {
    Held before = held.remove(claim.lease());
    if (before != null) {
      taken.merge(before.place(), -1, Integer::sum);
    }
  }

  private record Held(String place, String lane) {}
}
