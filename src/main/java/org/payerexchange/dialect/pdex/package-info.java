/**
 * What PDex (HL7 Da Vinci Payer Data Exchange 2.1 and 2.2) asks of a payer for many members at
 * once, and what its answers say. Knows neither payers nor HTTP nor Camel nor the ledger.
 */
package org.payerexchange.dialect.pdex;
