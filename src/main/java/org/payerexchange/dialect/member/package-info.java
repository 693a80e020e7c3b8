/**
 * A member as payers ask each other for it: the four resources of HRex, which {@code $member-match}
 * and PDex's {@code $bulk-member-match} share.
 */
package org.payerexchange.dialect.member;
