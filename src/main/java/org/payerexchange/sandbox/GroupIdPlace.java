package org.payerexchange.sandbox;

/**
 * Where an answer of {@code $member-match} puts the groupId. The gateway's documentation shows no
 * answer, so the sandbox can give every shape that a client may meet.
 */
public enum GroupIdPlace {
  /** A field {@code groupId} of the answer itself; several are an array. */
  TOP_LEVEL,
  /** A parameter {@code groupId} with {@code valueString}. */
  VALUE_STRING,
  /** A parameter {@code groupId} with a reference {@code Group/<id>}. */
  VALUE_REFERENCE,
  /** A parameter {@code MatchedMembers} whose resource is the Group. */
  GROUP_RESOURCE,
  /** HRex's own answer, which knows no groupId. */
  NO_GROUP_ID
}
