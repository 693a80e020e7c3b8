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
    return new PdexOptions(
        MatchForm.GROUPS,
        ResultFile.NDJSON,
        500,
        5 << 20,
        Set.of(),
        "hl7.fhir.us.davinci-pdex#payertopayer",
        false,
        true,
        new GroupShape(20, 0, 1));
  }

  /** The same, with answers of this form. */
  public PdexOptions answering(MatchForm form, ResultFile file) {
    return new PdexOptions(
        form,
        file,
        maxMembers,
        maxBytes,
        requiredHeaders,
        exportType,
        patientsJoined,
        tokenOnFiles,
        group);
  }

  /** The same, with these bounds of a request. */
  public PdexOptions upTo(int members, int bytes) {
    return new PdexOptions(
        matchForm,
        resultFile,
        members,
        bytes,
        requiredHeaders,
        exportType,
        patientsJoined,
        tokenOnFiles,
        group);
  }

  /** The same, where requests need these headers. */
  public PdexOptions requiring(Set<String> headers) {
    return new PdexOptions(
        matchForm,
        resultFile,
        maxMembers,
        maxBytes,
        headers,
        exportType,
        patientsJoined,
        tokenOnFiles,
        group);
  }

  /** The same, where an export is asked for in this way. */
  public PdexOptions exporting(String type, boolean joined) {
    return new PdexOptions(
        matchForm,
        resultFile,
        maxMembers,
        maxBytes,
        requiredHeaders,
        type,
        joined,
        tokenOnFiles,
        group);
  }

  /** The same, with files that are open to everybody. */
  public PdexOptions openFiles() {
    return new PdexOptions(
        matchForm,
        resultFile,
        maxMembers,
        maxBytes,
        requiredHeaders,
        exportType,
        patientsJoined,
        false,
        group);
  }

  /** The same, with exports of this shape. */
  public PdexOptions holding(GroupShape shape) {
    return new PdexOptions(
        matchForm,
        resultFile,
        maxMembers,
        maxBytes,
        requiredHeaders,
        exportType,
        patientsJoined,
        tokenOnFiles,
        shape);
  }
}
