package org.payerexchange.demo;

import java.util.LinkedHashSet;
import java.util.Set;
import org.payerexchange.sandbox.GroupShape;
import org.payerexchange.sandbox.MatchForm;
import org.payerexchange.sandbox.PdexOptions;
import org.payerexchange.sandbox.ResultFile;
import picocli.CommandLine.Option;

/** What {@code sandbox} is told of how it is to speak PDex. */
final class PdexArguments {
  private static final PdexOptions DEFAULTS = PdexOptions.defaults();

  @Option(
      names = "--bulk-match-answer",
      description = "PDex: how a bulk match answers: ${COMPLETION-CANDIDATES}.")
  private MatchForm matchAnswer = DEFAULTS.matchForm();

  @Option(
      names = "--bulk-match-file",
      description = "PDex: what the files of that answer are: ${COMPLETION-CANDIDATES}.")
  private ResultFile matchFile = DEFAULTS.resultFile();

  @Option(
      names = "--bulk-match-members",
      description = "PDex: how many members a bulk match may name; 422 above.")
  private int members = DEFAULTS.maxMembers();

  @Option(
      names = "--bulk-match-bytes",
      description = "PDex: how long a bulk match may be; 413 above.")
  private int bytes = DEFAULTS.maxBytes();

  @Option(
      names = "--required-header",
      split = ",",
      description = "PDex: headers without which a bulk match and an export are 400.")
  private Set<String> requiredHeaders = new LinkedHashSet<>();

  @Option(
      names = "--export-type",
      paramLabel = "CANONICAL",
      description = "PDex: what an export must ask for.")
  private String exportType = DEFAULTS.exportType();

  @Option(
      names = "--patients-joined",
      description = "PDex: an export names its patients in one parameter, with commas.")
  private boolean patientsJoined;

  @Option(names = "--open-files", description = "PDex: files need no token, and refuse one.")
  private boolean openFiles;

  @Option(
      names = "--resources-per-member",
      description = "PDex: of a member's export (coverage id PDEX-<n>).")
  private int resources = DEFAULTS.group().resourcesPerMember();

  @Option(
      names = "--bytes-per-resource",
      description = "PDex: about how large each of them is; 0: as small as it can be.")
  private int bytesPerResource = DEFAULTS.group().bytesPerResource();

  @Option(names = "--files-per-type", description = "PDex: of an export.")
  private int filesPerType = DEFAULTS.group().filesPerType();

  /** All of it. */
  void apply(PdexOptions.Builder options) {
    options
        .answering(matchAnswer, matchFile)
        .upTo(members, bytes)
        .requiring(requiredHeaders)
        .exporting(exportType, patientsJoined)
        .holding(new GroupShape(resources, bytesPerResource, filesPerType));
    if (openFiles) {
      options.openFiles();
    }
  }
}
