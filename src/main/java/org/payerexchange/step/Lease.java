package org.payerexchange.step;

import java.time.Instant;

/**
 * A step in the hands of this node.
 *
 * @param step the step's id
 * @param token of this step given to this lease alone; the fence of all transitions
 * @param attempts how often the step has failed in a row
 * @param failingSince when it first failed in a row, as much later as its lane was held since; or
 *     null where it has not
 * @param refusedSince since when all of its failures were a payer's refusals of tokens that it had
 *     just given, as much later as the payer was held since; or null where the latest was none
 */
public record Lease(
    long step, long token, int attempts, Instant failingSince, Instant refusedSince) {}
