/** Who is called: payers, their URLs, and the one family of failures that every stage speaks. */
package org.payerexchange.payer;
