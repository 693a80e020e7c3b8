/** Access tokens: one per payer and scope, shared by every call that needs it. */
package org.payerexchange.auth;
