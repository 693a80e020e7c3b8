package org.payerexchange.sandbox;

import java.util.Set;

/**
 * How a sandbox speaks PDex: {@code $bulk-member-match} and {@code $davinci-data-export}.
 *
 * @param matchForm how a bulk match answers
 * @param resultFile what the files of that answer are
 * @param maxMembers how many members a request may name; 422 above
 * @param maxBytes how long a request may be, in bytes; 413 above
 * @param requiredHeaders names of headers without which a request of either operation is 400
 * @param exportType the canonical that an export must ask for
 * @param patientsJoined whether an export names its patients in one parameter, with commas between
 * @param tokenOnFiles whether files need a token; without, they refuse one
 * @param group what the export of a Group holds
 */
public record PdexOptions(
    MatchForm matchForm,
    ResultFile resultFile,
    int maxMembers,
    int maxBytes,
    Set<String> requiredHeaders,
    String exportType,
    boolean patientsJoined,
    boolean tokenOnFiles,
    GroupShape group) {

  public PdexOptions {
    requiredHeaders = Set.copyOf(requiredHeaders);
  }

  /** As the standard has it; for up to 500 members and 5 MiB a request. */
  public static PdexOptions defaults() {
    return new Builder().build();
  }

  /** Collects options; every one has a default. */
  public static final class Builder {
    private MatchForm matchForm = MatchForm.GROUPS;
    private ResultFile resultFile = ResultFile.NDJSON;
    private int maxMembers = 500;
    private int maxBytes = 5 << 20;
    private Set<String> requiredHeaders = Set.of();
    private String exportType = "hl7.fhir.us.davinci-pdex#payertopayer";
    private boolean patientsJoined;
    private boolean tokenOnFiles = true;
    private GroupShape group = new GroupShape(20, 0, 1);

    /** What a bulk match is answered with. */
    public Builder answering(MatchForm form, ResultFile file) {
      matchForm = form;
      resultFile = file;
      return this;
    }

    /** The bounds of a bulk match. */
    public Builder upTo(int members, int bytes) {
      maxMembers = members;
      maxBytes = bytes;
      return this;
    }

    /** The headers that requests need. */
    public Builder requiring(Set<String> headers) {
      requiredHeaders = headers;
      return this;
    }

    /** How an export is asked for. */
    public Builder exporting(String type, boolean joined) {
      exportType = type;
      patientsJoined = joined;
      return this;
    }

    /** Files that are open to everybody. */
    public Builder openFiles() {
      tokenOnFiles = false;
      return this;
    }

    /** What exports hold. */
    public Builder holding(GroupShape shape) {
      group = shape;
      return this;
    }

    PdexOptions build() {
      return new PdexOptions(
          matchForm,
          resultFile,
          maxMembers,
          maxBytes,
          requiredHeaders,
          exportType,
          patientsJoined,
          tokenOnFiles,
          group);
    }
  }
}
