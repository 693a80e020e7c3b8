/** Where Karaf runs the bundle: its activator, its shell's commands, its log. */
package org.payerexchange.karaf;
