/** {@code $member-match}: what is asked, and what the answer says. */
package org.payerexchange.match;
