/**
 * The payer's asynchronous export: starting it, asking for it, reading what it has to offer (FHIR
 * Bulk Data Access 2). Knows nothing of Camel.
 */
package org.payerexchange.export;
