package org.payerexchange.delivery.fhir;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.payerexchange.delivery.NdjsonLines;
import org.payerexchange.files.AtomicFiles;
import org.payerexchange.ledger.TransferReport;
import org.payerexchange.ledger.TransferReport.ReportedFile;

/**
 * Which of a transfer's Patients is the member: the only one, or of several the one that is like
 * the member in more than each other one. Records with the member's family name, birth date and
 * given name that are alike in all are one person's. A line that is no Patient, or none that can be
 * read, may have been the member's: beside it only who has the member's names and birth date is the
 * member. It is chosen once, before anything is sent, and kept in a file of the work directory.
 *
 * @param urls the Patient's records at the FHIR server; empty if none is the member for certain
 * @param unsure whether there were Patients, and none is the member for certain
 */
record ChosenMember(Set<String> urls, boolean unsure) {
  private static final String PATIENT = "Patient";
  private static final String URLS = "urls";
  private static final String UNSURE = "unsure";

  /** Of so many that may be the member none is taken. */
  private static final int MOST = 1_000;

  /** Where the choice among a transfer's Patients is kept. */
  static Path file(Path folder, TransferReport transfer) {
    Path table = TransferIds.table(folder, transfer);
    return table.resolveSibling(table.getFileName() + ".member");
  }

  /** Reads it. */
  static ChosenMember read(Path file) throws IOException {
    JsonNode json = FhirJson.read(Files.readAllBytes(file));
    return new ChosenMember(
        json.path(URLS).valueStream().map(JsonNode::asText).collect(Collectors.toSet()),
        json.path(UNSURE).asBoolean());
  }

  /** Keeps it. */
  void write(Path file, AtomicFiles files) throws IOException {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put(UNSURE, unsure);
    ArrayNode records = json.putArray(URLS);
    urls.forEach(records::add);
    files.write(
        file, AtomicFiles.Content.of(FhirJson.write(json).getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Chooses.
   *
   * @param files those of the transfer that hold resources
   * @param from the folder of the files
   * @param known knows the newest version of each
   * @throws IOException if the files cannot be read
   */
  static ChosenMember among(
      List<ReportedFile> files, Path from, TransferIds known, ReceivedMember member, StableIds ids)
      throws IOException {
    Search search = new Search(known, member, ids);
    for (ReportedFile file : files) {
      if (file.resourceType().equals(PATIENT)) {
        try (NdjsonLines lines = new NdjsonLines(Files.newInputStream(from.resolve(file.name())))) {
          for (byte[] line = lines.next(); line != null; line = lines.next()) {
            search.look(line);
          }
        }
      }
    }
    return search.choice();
  }

  private static final class Search {
    private final TransferIds known;
    private final ReceivedMember member;
    private final StableIds ids;
    private final Map<String, MemberLikeness> like = new HashMap<>();
    private String first;
    private boolean several;
    private boolean hidden;
    private boolean another;

    private Search(TransferIds known, ReceivedMember member, StableIds ids) {
      this.known = known;
      this.member = member;
      this.ids = ids;
    }

    private void look(byte[] line) {
      JsonNode patient;
      try {
        patient = FhirJson.read(line);
      } catch (IOException unreadable) {
        // which is told when it is sent
        hidden = true;
        return;
      }
      if (!patient.path("resourceType").asText().equals(PATIENT)) {
        hidden = true;
        return;
      }
      String id = patient.path("id").asText();
      if (known.isOld(PATIENT, id, ResourceVersion.of(patient.path("meta")))) {
        return;
      }
      String url = PATIENT + "/" + (id.isBlank() ? ids.ofContent(line) : ids.of(id));
      first = first == null ? url : first;
      several |= !url.equals(first);
      another = member.isAnotherByBirthDate(patient);
      like.remove(url);
      member
          .likeness(patient)
          .filter(any -> like.size() < MOST)
          .ifPresent(likeness -> like.put(url, likeness));
    }

    private ChosenMember choice() {
      Set<String> chosen = several || hidden ? best() : only();
      boolean any = first != null || hidden;
      return new ChosenMember(chosen, any && chosen.isEmpty() && member.isIdentified());
    }

    private Set<String> only() {
      return first == null || another ? Set.of() : Set.of(first);
    }

    private Set<String> best() {
      if (like.size() == MOST) {
        return Set.of();
      }
      Set<String> best =
          like.keySet().stream().filter(this::isLessThanNone).collect(Collectors.toSet());
      Set<MemberLikeness> likeness = best.stream().map(like::get).collect(Collectors.toSet());
      boolean isOnePerson =
          (best.size() == 1 && !hidden)
              || (likeness.size() == 1
                  && likeness.stream().allMatch(MemberLikeness::isOfTheSamePerson));
      return isOnePerson ? best : Set.of();
    }

    private boolean isLessThanNone(String url) {
      return like.values().stream().noneMatch(other -> other.isMoreThan(like.get(url)));
    }
  }

  /** Not the Patient: an id may be PHI. */
  @Override
  public String toString() {
    return "ChosenMember[unsure=%s]".formatted(unsure);
  }
}
