/**
 * A simulator of the payer's gateway, for the demo, for tests and for benchmarks: token endpoint,
 * {@code $member-match}, bulk {@code $export} and NDJSON files as the gateway's documentation
 * prints them, over synthetic data, with faults on demand.
 *
 * <p>The gateway's operations are Camel routes ({@code routes/sandbox/}); what belongs to the
 * network (request counts, faults, the bytes of files) are handlers of the same Vert.x HTTP server.
 * Nothing else in the bundle uses this package, and it uses nothing of the bundle.
 */
package org.payerexchange.sandbox;
