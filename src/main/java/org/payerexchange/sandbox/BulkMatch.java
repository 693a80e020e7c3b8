package org.payerexchange.sandbox;

import java.util.List;

/**
 * A bulk match that was asked for, as its clients' tests see it.
 *
 * @param jobId empty where it was answered at once
 * @param groupId of the matched members
 * @param submitted the coverage ids of the request, in its order
 * @param matched the members among the matched, as often as they are there
 * @param released whether the client has sent DELETE
 */
public record BulkMatch(
    String tenant,
    String jobId,
    String groupId,
    List<String> submitted,
    List<PdexMember> matched,
    boolean released) {

  @Override
  public String toString() {
    return "BulkMatch[tenant=%s, jobId=%s, groupId=%s, members=%d, released=%s]"
        .formatted(tenant, jobId, groupId, submitted.size(), released);
  }
}
