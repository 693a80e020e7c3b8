/**
 * Who we are at token endpoints, and access tokens: one for each client, shared by every call that
 * needs it.
 */
package org.payerexchange.auth;
