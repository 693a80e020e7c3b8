package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.EventType;
import org.payerexchange.ledger.TransferClaim;
import org.springframework.dao.DataAccessResourceFailureException;

/** Transitions of one transfer that come while another of it is made share a transaction. */
class TransitionsTogetherTest extends LedgerTest {
  private static final int OTHERS = 5;

  private final CountDownLatch firstMayEnd = new CountDownLatch(1);
  private final CountDownLatch firstHasBegun = new CountDownLatch(1);
  private final Map<String, LockedTransfer> transactions = new ConcurrentHashMap<>();
  private final List<Thread> threads = new ArrayList<>();
  private TransitionsTogether together;
  private TransferClaim claim;

  @BeforeEach
  void registerTransfer() {
    node.register("bison", 1);
    claim = node.claims.claimForMatch(1).get(0);
    together = new TransitionsTogether(new Transitions(database));
  }

  @Test
  void thoseThatComeMeanwhileAreMadeInOne() {
    List<CompletableFuture<Boolean>> all = firstAndOthers(this::noted);

    assertThat(all).allMatch(CompletableFuture::join);
    assertThat(transactions).hasSize(1 + OTHERS);
    assertThat(List.copyOf(transactions.values()).stream().distinct()).hasSize(2);
    assertThat(events()).isEqualTo(1 + 1 + OTHERS);
  }

  @Test
  void oneThatDoesNothingHindersNoOther() {
    List<CompletableFuture<Boolean>> all =
        firstAndOthers(name -> name.equals("3") ? locked -> false : noted(name));

    assertThat(all.stream().filter(CompletableFuture::join)).hasSize(OTHERS);
    assertThat(all.get(3).join()).isFalse();
    assertThat(events()).isEqualTo(1 + OTHERS);
  }

  @Test
  void oneThatFailsHindersNoOther() {
    List<CompletableFuture<Boolean>> all =
        firstAndOthers(
            name -> name.equals("3") ? fails(new IllegalStateException("broken")) : noted(name));

    assertThatThrownBy(all.get(3)::join).hasMessageContaining("broken");
    all.remove(3);
    assertThat(all).allMatch(CompletableFuture::join);
    assertThat(events()).isEqualTo(1 + OTHERS);
  }

  @Test
  void whereTheLedgerIsAwayEveryoneIsTold() {
    List<CompletableFuture<Boolean>> all =
        firstAndOthers(
            name ->
                name.equals("3")
                    ? fails(new DataAccessResourceFailureException("away"))
                    : noted(name));

    assertThat(all.get(0).join()).isTrue();
    all.subList(1, all.size())
        .forEach(each -> assertThatThrownBy(each::join).hasMessageContaining("away"));
    assertThat(events()).isEqualTo(1 + 1);
  }

  private static Predicate<LockedTransfer> fails(RuntimeException why) {
    return locked -> {
      throw why;
    };
  }

  @Test
  void nothingIsDoneForATransferThatIsNotThere() {
    TransferClaim nobodys = new TransferClaim("nobody's", "bison", claim.lease(), "{}", null, null);

    assertThat(together.on(nobodys, "a", noted("0"), then -> {})).isFalse();
    assertThat(transactions).isEmpty();
  }

  /** The first holds its transaction until all others wait for it. */
  private List<CompletableFuture<Boolean>> firstAndOthers(Works works) {
    List<CompletableFuture<Boolean>> all = new ArrayList<>();
    all.add(
        start(
            locked -> {
              firstHasBegun.countDown();
              await(firstMayEnd);
              return noted("0").test(locked);
            }));
    await(firstHasBegun);
    IntStream.rangeClosed(1, OTHERS)
        .forEach(number -> all.add(start(works.of(String.valueOf(number)))));
    Awaitility.await()
        .until(
            () ->
                threads.stream().filter(thread -> thread.getState() == Thread.State.BLOCKED).count()
                    == OTHERS);
    firstMayEnd.countDown();
    return all;
  }

  private CompletableFuture<Boolean> start(Predicate<LockedTransfer> work) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                done.complete(together.on(claim, "a", work, then -> {}));
              } catch (RuntimeException e) {
                done.completeExceptionally(e);
              }
            });
    threads.add(thread);
    thread.start();
    return done;
  }

  private Predicate<LockedTransfer> noted(String name) {
    return locked -> {
      transactions.put(name, locked);
      locked.event(EventType.RETRIED, name);
      return true;
    };
  }

  private long events() {
    return node.find(claim.transferId()).events().size();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private interface Works {
    Predicate<LockedTransfer> of(String name);
  }
}
