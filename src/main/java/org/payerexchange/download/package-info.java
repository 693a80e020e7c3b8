/**
 * Brings a payer's output files to disk: streamed once, counted, hashed, every line checked, and
 * picked up where a broken transfer ended.
 */
package org.payerexchange.download;
