package org.payerexchange.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.payerexchange.step.Claim;

/**
 * Transitions of one transfer that come while another one of it is made: all that have come by then
 * are made in one transaction, which locks the transfer and writes it once. Nobody waits for others
 * to come. Where one of them does nothing, each is made by itself.
 */
final class TransitionsTogether {
  private final Transitions transitions;
  private final Map<String, Group> groups = new ConcurrentHashMap<>();

  TransitionsTogether(Transitions transitions) {
    this.transitions = transitions;
  }

  /** See {@link Transitions#on}. */
  boolean on(
      Claim claim, String actor, Predicate<LockedTransfer> work, Consumer<LockedTransfer> then) {
    Member mine = new Member(claim, work, then);
    Group group =
        groups.compute(
            claim.transferId(), (id, known) -> (known == null ? new Group() : known).with(mine));
    try {
      synchronized (group) {
        if (mine.isOpen()) {
          make(claim, actor, group);
        }
      }
      return mine.result();
    } finally {
      groups.compute(claim.transferId(), (id, known) -> group.without());
    }
  }

  private void make(Claim first, String actor, Group group) {
    List<Member> members = new ArrayList<>();
    try {
      boolean all =
          transitions.on(
              first,
              actor,
              transfer ->
                  group.moveTo(members).stream().allMatch(member -> member.work.test(transfer)),
              transfer -> members.forEach(member -> member.then.accept(transfer)));
      for (Member member : all ? members : group.moveTo(members)) {
        member.end(all || transitions.on(member.claim, actor, member.work, member.then));
      }
    } catch (RuntimeException | Error failed) {
      group.moveTo(members).stream().filter(Member::isOpen).forEach(member -> member.fail(failed));
    }
  }

  /** Those of a transfer that are under way, and how many threads wait for them. */
  private static final class Group {
    private final Queue<Member> waiting = new ConcurrentLinkedQueue<>();
    private int threads;

    Group with(Member member) {
      waiting.add(member);
      threads++;
      return this;
    }

    Group without() {
      threads--;
      return threads == 0 ? null : this;
    }

    List<Member> moveTo(List<Member> members) {
      for (Member next = waiting.poll(); next != null; next = waiting.poll()) {
        members.add(next);
      }
      return members;
    }
  }

  /** Guarded by its group. */
  private static final class Member {
    private final Claim claim;
    private final Predicate<LockedTransfer> work;
    private final Consumer<LockedTransfer> then;
    private Boolean done;
    private Throwable failure;

    Member(Claim claim, Predicate<LockedTransfer> work, Consumer<LockedTransfer> then) {
      this.claim = claim;
      this.work = work;
      this.then = then;
    }

    boolean isOpen() {
      return done == null && failure == null;
    }

    void end(boolean result) {
      done = result;
    }

    void fail(Throwable why) {
      failure = why;
    }

    boolean result() {
      if (failure instanceof Error error) {
        throw error;
      }
      if (failure != null) {
        throw (RuntimeException) failure;
      }
      return done;
    }
  }
}
