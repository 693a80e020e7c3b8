/**
 * Tells apart by member what an export for several members brought, so that no line of one member
 * reaches another's folder.
 */
package org.payerexchange.split;
