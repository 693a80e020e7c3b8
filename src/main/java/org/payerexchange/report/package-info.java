/**
 * What became of each request, to be shown to a regulator: when its payer was asked and answered,
 * in business days, and what is overdue.
 */
package org.payerexchange.report;
