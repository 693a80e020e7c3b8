package org.payerexchange.ops;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.payerexchange.ledger.Hold;
import org.payerexchange.ledger.TransferDetails;

/**
 * A transfer with what belongs to it.
 *
 * @param held what the transfer waits for; empty once it has ended
 * @param request what the payer's member match is asked: PHI, null unless it was asked for
 */
public record TransferView(
    @JsonUnwrapped TransferDetails details, List<Hold> held, JsonNode request) {}
