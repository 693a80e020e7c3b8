package org.payerexchange.ops;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import java.util.List;
import java.util.Map;
import org.payerexchange.ledger.TransferPart;

/**
 * A page of a list that belongs to a transfer.
 *
 * @param rows under the list's name, such as {@code files}
 * @param page from 0
 * @param total how many the whole list has
 */
public record PartPage(@JsonAnyGetter Map<TransferPart, List<?>> rows, int page, long total) {}
