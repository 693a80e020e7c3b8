package org.payerexchange.ledger.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.payerexchange.step.Claim;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.transaction.TransactionException;

/**
 * Transitions of one transfer that come while another one of it is made: all that have come by then
 * are made in one transaction, which locks the transfer and writes it once. Nobody waits for others
 * to come. Where one of them does nothing or fails, each is made by itself.
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
    Batch batch = new Batch();
    boolean all = false;
    Throwable why = null;
    try {
      all =
          transitions.on(
              first,
              actor,
              transfer -> batch.works(group, transfer),
              transfer -> batch.members.forEach(member -> member.then.accept(transfer)));
    } catch (RuntimeException | Error failed) {
      why = failed;
    }
    List<Member> members = batch.end(group);
    boolean byItself = why == null || (members.size() > 1 && !isAway(why));
    for (Member member : members) {
      if (all) {
        member.done = true;
      } else if (byItself) {
        alone(member, actor);
      } else {
        member.failure = why;
      }
    }
  }

  private void alone(Member member, String actor) {
    try {
      member.done = transitions.on(member.claim, actor, member.work, member.then);
    } catch (RuntimeException | Error failed) {
      member.failure = failed;
    }
  }

  /** None of them would come further. */
  private static boolean isAway(Throwable why) {
    return why instanceof DataAccessResourceFailureException || why instanceof TransactionException;
  }

  /**
   * Those that share a transaction, which may begin, or go on, when nobody waits for it any more.
   */
  private static final class Batch {
    private final List<Member> members = new ArrayList<>();
    private boolean over;

    synchronized boolean works(Group group, LockedTransfer transfer) {
      if (over) {
        return false;
      }
      group.moveTo(members);
      return members.stream().allMatch(member -> member.work.test(transfer));
    }

    /** With those that it did not come to; there is one at least, who waits for it. */
    synchronized List<Member> end(Group group) {
      over = true;
      return members.isEmpty() ? group.moveTo(members) : members;
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
