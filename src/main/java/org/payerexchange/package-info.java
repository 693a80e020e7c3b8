/**
 * Payer Exchange: fetches a new member's history from the member's previous payer.
 *
 * <p>A <em>transfer</em> is one member and one source payer, from the intake message to the data
 * delivered downstream.
 */
package org.payerexchange;
