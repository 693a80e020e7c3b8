package org.payerexchange.ledger.store;

import java.util.function.Predicate;
import java.util.function.Supplier;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Makes changes of the ledger, each of them whole or not at all. */
interface Changes extends AutoCloseable {

  /**
   * Does the work; when this returns, it is committed.
   *
   * @param keep whether what was done is to stay, by the work's result
   */
  <T> T make(Supplier<T> work, Predicate<T> keep);

  /** Leases rows to this process; what the work reads is committed, and so are the leases. */
  <T> T lease(Supplier<T> work);

  /** Does something more once the change that is being made is committed, and else never. */
  void afterCommit(Runnable work);

  @Override
  void close();

  /** Each change in a transaction of its own. */
  static Changes apart(TransactionTemplate transactions) {
    return new Changes() {
      @Override
      public <T> T make(Supplier<T> work, Predicate<T> keep) {
        return transactions.execute(
            status -> {
              T result = work.get();
              if (!keep.test(result)) {
                status.setRollbackOnly();
              }
              return result;
            });
      }

      @Override
      public <T> T lease(Supplier<T> work) {
        return make(work, leased -> true);
      }

      @Override
      public void afterCommit(Runnable work) {
        TransactionSynchronizationManager.registerSynchronization(
            new TransactionSynchronization() {
              @Override
              public void afterCommit() {
                work.run();
              }
            });
      }

      @Override
      public void close() {
        // the transactions hold nothing open
      }
    };
  }
}
