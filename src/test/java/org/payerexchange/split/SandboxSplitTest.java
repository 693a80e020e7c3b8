package org.payerexchange.split;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.payerexchange.sandbox.GroupExport;
import org.payerexchange.sandbox.GroupShape;
import org.payerexchange.sandbox.MatchScenario;
import org.payerexchange.sandbox.PdexClient;
import org.payerexchange.sandbox.PdexMember;
import org.payerexchange.sandbox.Sandbox;
import org.payerexchange.sandbox.SandboxOptions;

/** An export of a gateway that knows what each of its members has, over HTTP. */
class SandboxSplitTest {
  @TempDir Path folder;
  private Sandbox sandbox;

  @BeforeEach
  void start() {
    sandbox =
        Sandbox.start(
            SandboxOptions.builder().pdex(pdex -> pdex.holding(new GroupShape(23, 0, 2))).build());
  }

  @AfterEach
  void stop() {
    sandbox.close();
  }

  @Test
  void eachOf200MembersGetsAllThatTheGatewayHasOfItAndNothingElse() throws IOException {
    List<PdexMember> members =
        new ArrayList<>(
            IntStream.range(0, 199).mapToObj(number -> PdexMember.of("bison", number)).toList());
    members.add(new PdexMember("bison", 199, MatchScenario.EMPTY));
    long[] lines = new long[1];
    SplitCase export = export(members, lines);
    Set<String> out = Set.of(SplitCase.transfer(members.get(7).patientId()));
    export.wanted = member -> !out.contains(member.transferId());

    SplitCase.Outcome split = export.split();

    GroupExport known = sandbox.groupExports().get(0);
    Set<String> given = new HashSet<>();
    for (PdexMember member : members) {
      List<String> expected = new ArrayList<>(known.own(member).toList());
      expected.addAll(known.shared(member));
      if (member.number() == 7) {
        assertThat(split.folders()).doesNotContainKey(member.patientId());
      } else {
        Collection<List<String>> got = split.folders().get(member.patientId()).values();
        assertThat(got.stream().flatMap(List::stream))
            .containsExactlyInAnyOrderElementsOf(expected);
        given.addAll(expected);
      }
    }
    assertThat(given).doesNotContainAnyElementsOf(known.nobodys().toList());
    assertThat(split.folders().get(members.get(199).patientId())).isEmpty();
    assertThat(split.nobodys().stream().mapToLong(NobodysLines::lines).sum())
        .isEqualTo(lines[0] - given.size());
  }

  private SplitCase export(List<PdexMember> members, long[] lines) throws IOException {
    PdexClient client = new PdexClient(sandbox);
    String group = client.matched(members.toArray(PdexMember[]::new));
    SplitCase export =
        new SplitCase(folder, members.stream().map(PdexMember::patientId).toArray(String[]::new));
    JsonNode manifest = client.manifest(group, PdexClient.exportRequest(""));
    for (JsonNode file : manifest.path("output")) {
      String content = client.get(file.path("url").asText()).body();
      lines[0] += content.lines().count();
      export.text(file.path("type").asText(), content);
    }
    return export;
  }
}
