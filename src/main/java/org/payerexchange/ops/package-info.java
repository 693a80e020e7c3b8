/**
 * What operators see and do: the ops HTTP API, health and metrics. Nothing here shows PHI or a
 * secret.
 */
package org.payerexchange.ops;
