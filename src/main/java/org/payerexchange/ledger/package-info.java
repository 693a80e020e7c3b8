/**
 * What the ledger knows: the states of transfers, export jobs, files and deliveries, what a step is
 * claimed with, and what becomes of it, decided without a database. The tables are in {@link
 * org.payerexchange.ledger.store}.
 */
package org.payerexchange.ledger;
