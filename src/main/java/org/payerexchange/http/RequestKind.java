package org.payerexchange.http;

import java.util.Locale;

/** What requests are for. */
public enum RequestKind {
  /** To find a member, or many. */
  MATCH,
  /** To begin an export. */
  KICK_OFF,
  /** What has become of a job. */
  POLL,
  /** A file of an export, of a match, or one that a resource refers to. */
  FILE,
  /** A page of data that is read without an export. */
  PAGE,
  /** A token, or how to get one. */
  TOKEN,
  /** To end a job that is not needed any more. */
  RELEASE;

  /** As metrics have it: {@code kick-off}. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
