/** The data of one of a payer's Patients, page by page, where it has no export. */
package org.payerexchange.retrieve;
