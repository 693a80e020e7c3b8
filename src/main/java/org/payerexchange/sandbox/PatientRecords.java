package org.payerexchange.sandbox;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The records of all Patients: what exports of Groups say of one, for one Patient alone. */
final class PatientRecords {
  private static final Pattern OWN_ID = Pattern.compile("[a-z]+-(\\d{9})(-\\d{6})?");

  private final GroupHistory history;
  private final Faults faults;
  private final Map<String, KnownLine> shared =
      SharedLines.all().stream()
          .collect(Collectors.toUnmodifiableMap(KnownLine::reference, Function.identity()));
  private final Map<Integer, PatientRecord> byNumber = new ConcurrentHashMap<>();

  PatientRecords(GroupShape shape, Faults faults) {
    this.history = new GroupHistory(shape);
    this.faults = faults;
  }

  PatientRecord of(int patient) {
    PatientRecord record = byNumber.computeIfAbsent(patient, this::made);
    return faults.isDue(Fault.ATTACHMENTS)
        ? record.with(Documents.entries(PdexMember.patientId(patient)))
        : record;
  }

  /**
   * The number of the Patient with this id.
   *
   * @throws GatewayRefusal 404 where there is none
   */
  static int number(String patientId) {
    return Optional.of(OWN_ID.matcher(patientId))
        .filter(Matcher::matches)
        .map(matcher -> Integer.parseInt(matcher.group(1)))
        .filter(number -> PdexMember.patientId(number).equals(patientId))
        .orElseThrow(PatientRecords::notFound);
  }

  /**
   * One resource.
   *
   * @throws GatewayRefusal 404 where there is none
   */
  String resource(String type, String id) {
    KnownLine known = shared.get(type + '/' + id);
    if (known != null) {
      return known.json();
    }
    Matcher matcher = OWN_ID.matcher(id);
    if (!matcher.matches()) {
      throw notFound();
    }
    String start = "{\"resourceType\":\"%s\",\"id\":\"%s\"".formatted(type, id);
    return of(Integer.parseInt(matcher.group(1))).own().stream()
        .filter(entry -> entry.type().equals(type))
        .map(PatientRecord.Entry::json)
        .filter(json -> json.startsWith(start))
        .findFirst()
        .orElseThrow(PatientRecords::notFound);
  }

  /** The types that are asked for, of a list with commas. */
  static Set<String> types(String list) {
    return list.isEmpty() ? Set.of() : Arrays.stream(list.split(",")).collect(Collectors.toSet());
  }

  private PatientRecord made(int patient) {
    List<PatientRecord.Entry> own =
        history.patterns().keySet().stream().flatMap(type -> entries(type, patient)).toList();
    ExportParameters all =
        new ExportParameters(Set.of(), Optional.empty(), Optional.empty(), Map.of(), Set.of());
    List<PatientRecord.Entry> others =
        new GroupContents(history, all, new int[] {patient}, "")
            .shared(patient).stream()
                .map(
                    line -> new PatientRecord.Entry(type(line), LinePattern.updated(0), () -> line))
                .toList();
    return new PatientRecord(own, others);
  }

  private Stream<PatientRecord.Entry> entries(String type, int patient) {
    LinePattern pattern = history.patterns().get(type);
    return history
        .ranks(type)
        .mapToObj(
            rank ->
                new PatientRecord.Entry(type, updated(rank), () -> pattern.line(patient, rank)));
  }

  private static Instant updated(int rank) {
    return LinePattern.updated(rank);
  }

  private static String type(String line) {
    return line.split("\"resourceType\":\"", 2)[1].split("\"", 2)[0];
  }

  private static GatewayRefusal notFound() {
    return GatewayRefusal.outcome(404, "not-found", "There is no such resource");
  }
}
