/** The one way in which a payer is called, and the one place that decides what is tried again. */
package org.payerexchange.http;
