/** Who is called: payers and their URLs. */
package org.payerexchange.payer;
