/**
 * What all steps share: their kinds, who has what in hand, how slots are shared out and leases
 * kept, the one family of failures, and what becomes of a step that fails. It stands at the bottom:
 * it knows no other package and no library but the log.
 */
package org.payerexchange.step;
