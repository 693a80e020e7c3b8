/**
 * How payers' gateways speak, a class for each way: which requests are made, and how what is a
 * gateway's own in its answers is read. Knows neither payers nor HTTP nor Camel.
 */
package org.payerexchange.dialect;
