package org.payerexchange.dialect;

import java.net.URI;

/**
 * Which job a payer started.
 *
 * @param jobId the payer's id of the job, which tells it from the payer's other jobs; null if the
 *     status URL holds none that is plain
 * @param statusUrl where to ask for it, safe to call
 */
public record JobReference(String jobId, URI statusUrl) {}
