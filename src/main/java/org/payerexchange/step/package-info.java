/**
 * What all steps share: their kinds, who has what in hand, how slots are shared out, how long to
 * wait after a failure, and the one family of failures. It stands at the bottom: it knows no other
 * package.
 */
package org.payerexchange.step;
