package org.payerexchange.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.payerexchange.sandbox.GroupShape;
import org.payerexchange.sandbox.MatchScenario;
import org.payerexchange.sandbox.PdexMember;
import org.payerexchange.sandbox.PdexOptions;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;
import org.payerexchange.support.TestBundle;

/** The payer bison, which is asked for many members at once, and who they are. */
final class PdexPayer {
  static final String ID = "bison";

  private static final String REQUEST = "request-";
  private static final String HEADER =
      "payer,requestId,memberId,given,family,birthDate,gender,coverageId,"
          + "consentId,consentPolicy,consentStart,consentEnd";
  private static final String POLICY =
      "http://hl7.org/fhir/us/davinci-hrex/StructureDefinition-hrex-consent.html#regular";

  private PdexPayer() {}

  /** A gateway that has a little of each member. */
  static Sandbox sandbox() {
    return sandbox(pdex -> pdex.holding(new GroupShape(13, 0, 1)));
  }

  static Sandbox sandbox(Consumer<PdexOptions.Builder> options) {
    return Sandbox.start(SandboxOptions.builder().runningPolls(1).pdex(options).build());
  }

  /** Has the bundle ask the sandbox for so many at once, or for fewer only after a long time. */
  static TestBundle add(TestBundle bundle, Sandbox sandbox, int batchSize) {
    Pipeline.payer(bundle, ID, sandbox);
    settings(batchSize).forEach(setting -> bundle.set(setting.get(0), setting.get(1)));
    return bundle;
  }

  /** What makes it such a payer, each a key and its value. */
  static List<List<String>> settings(int batchSize) {
    String prefix = "p2p.payers." + ID + ".";
    return List.of(
        List.of("p2p.organization.name", "Asking Health Plan"),
        List.of("p2p.organization.npi", "1999999992"),
        List.of("p2p.organization.uri", "https://asking.example.org"),
        List.of(prefix + "dialect", "pdex"),
        List.of(prefix + "organization.name", "Imaginary Health Plan"),
        List.of(prefix + "organization.npi", "1234567893"),
        List.of(prefix + "match-batch-size", String.valueOf(batchSize)),
        List.of(prefix + "match-batch-wait", "10m"));
  }

  static PdexMember member(int number, MatchScenario scenario) {
    return new PdexMember(ID, number, scenario);
  }

  /** So many with whom nothing is special. */
  static List<PdexMember> plain(int first, int count) {
    return IntStream.range(first, first + count)
        .mapToObj(number -> PdexMember.of(ID, number))
        .toList();
  }

  /** The request id of the transfer of a member that is asked for once. */
  static String request(PdexMember member) {
    return REQUEST + member.coverageId();
  }

  /** Drops a CSV file with these members, one a row. */
  static void take(TestBundle bundle, List<PdexMember> members) throws IOException {
    drop(bundle.inbox(), members);
  }

  /** Drops a CSV file with a member that is asked for by several requests. */
  static void take(TestBundle bundle, PdexMember member, String... requests) throws IOException {
    List<String> rows = new ArrayList<>(List.of(HEADER));
    for (String request : requests) {
      rows.add(row(request, member));
    }
    write(bundle.inbox(), rows);
  }

  static void drop(Path inbox, List<PdexMember> members) throws IOException {
    drop(inbox, members, REQUEST);
  }

  /** The same for members who may be asked for again, with other request ids. */
  static void drop(Path inbox, List<PdexMember> members, String requests) throws IOException {
    List<String> rows = new ArrayList<>(List.of(HEADER));
    members.forEach(member -> rows.add(row(requests + member.coverageId(), member)));
    write(inbox, rows);
  }

  private static void write(Path inbox, List<String> rows) throws IOException {
    Path part = inbox.resolve(UUID.randomUUID() + ".part");
    Files.writeString(part, String.join("\n", rows) + "\n");
    Files.move(part, inbox.resolve(UUID.randomUUID() + ".csv"));
  }

  private static String row(String request, PdexMember member) {
    return String.join(
        ",",
        member.tenant(),
        request,
        member.memberId(),
        member.given(),
        member.family(),
        member.birthDate().toString(),
        member.gender(),
        member.coverageId(),
        "consent-1",
        POLICY,
        "2020-01-01",
        "2099-12-31");
  }
}
