/**
 * The tables of the ledger, in H2 or in a PostgreSQL that several nodes share: all SQL stands here.
 *
 * <p>A stage claims due rows under a lease ({@link org.payerexchange.ledger.store.Claimer}), does
 * its calls outside any transaction, and then makes one transition, fenced by the row's lease token
 * and state. Each transition writes its {@code transfer_event} in the same transaction, and its
 * commit hands on what follows ({@link org.payerexchange.ledger.store.HandOver}).
 */
package org.payerexchange.ledger.store;
