/** What becomes of a transfer as a trace, over OpenTelemetry. */
package org.payerexchange.trace;
