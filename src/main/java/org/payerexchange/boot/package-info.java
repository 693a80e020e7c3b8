/** The bundle in a JVM: settings, what is made of them, start and end. */
package org.payerexchange.boot;
