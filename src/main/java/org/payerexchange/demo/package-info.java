/** The demo and the sandbox as commands of the launcher. They are in a jar of their own. */
package org.payerexchange.demo;
