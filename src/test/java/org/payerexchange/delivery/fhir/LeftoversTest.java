package org.payerexchange.delivery.fhir;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.files.AtomicFiles;

class LeftoversTest {
  @TempDir Path folder;
  private Leftovers leftovers;

  @BeforeEach
  void none() throws Exception {
    leftovers = new Leftovers(folder.resolve(".fhir.left"), new AtomicFiles(false));
    leftovers.clear();
  }

  @Test
  void whatComesBehindThePlaceOfADeliveryIsDroppedAndNothingElse() throws Exception {
    leftovers.add(List.of(left("A", 1), left("A", 7)));
    leftovers.target("Patient/p");
    leftovers.add("A", cutting(9, 2), Set.of());
    leftovers.add(List.of(left("B", 7)));
    leftovers.add("B", cutting(8, 3), Set.of());

    leftovers.tidy((name, line) -> !(name.equals("A") && line > 5));

    assertThat(urls()).containsExactly("A/1", "B/7");
    assertThat(leftovers.cutReferences()).isEqualTo(3);
    assertThat(leftovers.subsetted()).isEqualTo(1);
    assertThat(leftovers.target()).contains("Patient/p");
  }

  @Test
  void onlyWhatWasLeftOverBeforeAChangeWasMadeIsOvertaken() throws Exception {
    leftovers.add(List.of(left("A", 1), left("A", 2)));
    leftovers.add("A", cutting(3, 0), Set.of("A/1", "A/2"));
    leftovers.add(List.of(left("A", 2)));

    leftovers.tidy((name, line) -> true);

    assertThat(urls()).containsExactly("A/2");
    assertThat(Files.readAllLines(leftovers.file())).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"file\":\"A\",\"li", "{}", "{\"made\":\"A/1\""})
  void whatAKilledProcessWroteInPartIsDroppedAndTheNextIsReadable(String part) throws Exception {
    leftovers.add(List.of(left("A", 1)));
    Files.writeString(leftovers.file(), part, StandardOpenOption.APPEND);

    leftovers.tidy((name, line) -> true);
    leftovers.add(List.of(left("A", 2)));

    assertThat(urls()).containsExactly("A/1", "A/2");
  }

  @Test
  void aResourceAtTheBoundsOfALineIsReadBackWithWhatIsSaidOfIt() throws Exception {
    String deep = "[".repeat(99) + "]".repeat(99);
    String resource = "{\"deep\":%s,\"many\":[1%s]}".formatted(deep, ",1".repeat(261_000));
    ObjectNode put = (ObjectNode) FhirJson.read(resource);
    ObjectNode outcome = JsonNodeFactory.instance.objectNode();
    IntStream.range(0, 5_000).forEach(i -> outcome.withArrayProperty("issue").add(i));
    FhirEntry entry = FhirEntry.put("A", 1, "A/1", put, List.of(), 0);

    leftovers.add(List.of(new Leftover(entry, 422, outcome)));
    leftovers.tidy((name, line) -> true);

    try (Leftovers.Lines lines = leftovers.read()) {
      Leftover read = lines.nextLeftover();
      assertThat(read.entry().resource()).isEqualTo(put);
      assertThat(read.outcome()).isEqualTo(outcome);
    }
  }

  @Test
  void whatIsTidyIsNotWrittenAnew() throws Exception {
    leftovers.add(List.of(left("A", 1)));
    Object before = Files.readAttributes(leftovers.file(), "unix:ino").get("ino");

    leftovers.tidy((name, line) -> true);

    assertThat(Files.readAttributes(leftovers.file(), "unix:ino").get("ino")).isEqualTo(before);
  }

  private List<String> urls() throws Exception {
    List<String> urls = new ArrayList<>();
    try (Leftovers.Lines lines = leftovers.read()) {
      for (Leftover left = lines.nextLeftover(); left != null; left = lines.nextLeftover()) {
        urls.add(left.entry().url());
      }
    }
    return urls;
  }

  private static Leftover left(String file, long line) {
    return new Leftover(FhirEntry.delete(file, line, file + "/" + line), 409, null);
  }

  private static Parcel cutting(long lastLine, int references) {
    ObjectNode part = JsonNodeFactory.instance.objectNode();
    part.putObject("meta")
        .putArray("tag")
        .addObject()
        .put("system", "http://terminology.hl7.org/CodeSystem/v3-ObservationValue")
        .put("code", references > 0 ? "SUBSETTED" : "x");
    FhirEntry entry = FhirEntry.put("A", lastLine, "A/x", part, List.of(), references);
    return new Parcel(lastLine, List.of(List.of(entry)), true, new KnownTargets());
  }
}
