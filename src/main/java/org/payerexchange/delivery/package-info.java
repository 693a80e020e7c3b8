/**
 * Takes stored files from the outbox to where the payer's own systems want them, each to each sink,
 * and says how a transfer ended.
 */
package org.payerexchange.delivery;
