/**
 * The ledger: what was asked for, what was done, what is due. Everything that matters lives here,
 * in H2 or in a PostgreSQL that several nodes share.
 *
 * <p>A stage claims due rows under a lease, does its calls outside any transaction, and then makes
 * one transition, fenced by the row's lease token and state. Each transition writes its {@code
 * transfer_event} in the same transaction.
 */
package org.payerexchange.ledger;
