package org.payerexchange.sandbox;

/**
 * What the endpoints of PDex share.
 *
 * @param matches the jobs of bulk matches
 * @param exports the jobs of exports, those that are not PDex among them
 */
record PdexState(Groups groups, Jobs matches, Jobs exports) {}
