/**
 * Delivery to a FHIR server (FHIR R4, "transaction" and "batch" interactions): resources keep
 * stable ids of their own for each source payer, references are rewritten to match, and answers are
 * read entry by entry.
 */
package org.payerexchange.delivery.fhir;
