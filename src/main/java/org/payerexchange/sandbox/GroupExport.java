package org.payerexchange.sandbox;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * An export of a bulk match's Group as its clients' tests see it: what each member is to get of it,
 * and what nobody is.
 */
public final class GroupExport {
  private final Job job;
  private final List<PdexMember> members;
  private final GroupContents contents;

  GroupExport(Job job, List<PdexMember> members, GroupContents contents) {
    this.job = job;
    this.members = List.copyOf(members);
    this.contents = contents;
  }

  Job job() {
    return job;
  }

  public String tenant() {
    return job.served().tenant();
  }

  public String groupId() {
    return job.served().groupId();
  }

  public String jobId() {
    return job.id();
  }

  /** Whether the client has sent DELETE. */
  public boolean released() {
    return job.released();
  }

  /** The members that the export was asked for. */
  public List<PdexMember> members() {
    return members;
  }

  /** The lines of a member that are nobody else's, each without its end. */
  public Stream<String> own(PdexMember member) {
    return contents.own(member.patient());
  }

  /** The lines that a member shares with others: what its own refer to, also through each other. */
  public Set<String> shared(PdexMember member) {
    return contents.shared(member.patient());
  }

  /** The lines that no member is to get. */
  public Stream<String> nobodys() {
    return contents.nobodys();
  }
}
