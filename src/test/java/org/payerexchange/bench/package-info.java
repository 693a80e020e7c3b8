/** {@code make bench}: figures of the whole pipeline, printed and never asserted. */
package org.payerexchange.bench;
