/** HRex: one member at a time, by {@code $member-match}, then by its Patient. */
package org.payerexchange.dialect.hrex;
