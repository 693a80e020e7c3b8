package org.payerexchange.sandbox;

/**
 * Whom a job serves, and what its files are like.
 *
 * @param chunked whether files come chunked, without Content-Length
 * @param open whether files are there for everybody, and refuse a token
 */
record Served(String tenant, String groupId, Scenario scenario, boolean chunked, boolean open) {

  static Served of(Member member, String groupId) {
    return new Served(member.tenant(), groupId, member.scenario(), member.chunked(), false);
  }

  static Served of(String tenant, String groupId, boolean open) {
    return new Served(tenant, groupId, Scenario.PLAIN, false, open);
  }
}
