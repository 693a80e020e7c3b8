/**
 * Takes members in: reads records in any of their forms, checks them, makes them one canonical form
 * and registers them in the ledger; hands back what it cannot take.
 */
package org.payerexchange.intake;
