package org.payerexchange.split;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.delivery.fhir.ResourceVersion;

class LineReaderTest {
  private static final Link ONE = new Link(Link.Kind.OURS, "Patient", "1");
  private static final Link OTHER = new Link(Link.Kind.OURS, "Patient", "2");

  private final LineReader reader = new LineReader(new Links(LinksTest.PAYER));

  private Optional<LineFacts> read(String type, String line) {
    return reader.read(line.getBytes(StandardCharsets.UTF_8), Ownership.of(type));
  }

  private LineFacts facts(String type, String line) {
    return read(type, line).orElseThrow();
  }

  @Test
  void theOwnerIsWhatTheOwnerElementItselfNames() {
    LineFacts facts =
        facts(
            "Observation",
            """
            {"resourceType":"Observation","id":"o","performer":[{"reference":"Patient/2"}],
             "subject":{"extension":[{"url":"x","valueReference":{"reference":"Location/1"}}],
                        "identifier":{"assigner":{"reference":"Organization/2"}},"reference":"Patient/1"},
             "component":[{"subject":{"reference":"Device/3"}}]}""");

    assertThat(facts.id()).isEqualTo("o");
    assertThat(facts.owners()).containsExactly(ONE);
    assertThat(facts.links())
        .extracting(Link::name)
        .containsExactly("Location/1", "Organization/2", "Device/3");
  }

  @Test
  void ofAnElementThatIsThereTwiceBothCount() {
    String line =
        """
        {"subject":{"reference":"Patient/1"},"subject":{"reference":"Patient/2"}}""";
    assertThat(facts("Observation", line).owners()).containsExactly(ONE, OTHER);
    assertThat(
            facts(
                    "Observation",
                    """
                    {"subject":{"reference":"Patient/1","reference":"Patient/2"}}""")
                .owners())
        .containsExactly(ONE, OTHER);
  }

  @Test
  void aKeyIsReadWithItsEscapes() {
    assertThat(
            facts(
                    "Observation",
                    """
                    {"\\u0073ubject":{"ref\\u0065rence":"Patient\\/1"}}""")
                .owners())
        .containsExactly(ONE);
  }

  @Test
  void severalOwnersOfAListAreAllSeen() {
    assertThat(
            facts(
                    "Account",
                    """
                    {"subject":[{"reference":"Patient/1"},{"reference":"Patient/2"}]}""")
                .owners())
        .containsExactly(ONE, OTHER);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"subject\":\"Patient/1\"}",
        "{\"subject\":{\"reference\":7}}",
        "{\"subject\":{\"reference\":null}}",
        "{\"subject\":{\"reference\":\"\"}}",
        "{\"subject\":{\"reference\":{\"reference\":\"Patient/1\"}}}",
        "{\"subject\":{\"identifier\":{\"value\":\"1\"},\"type\":\"Patient\"}}",
        "{\"subject\":null}",
        "{\"_subject\":{\"reference\":\"Patient/1\"}}",
        "{}"
      })
  void whatDoesNotNameAnOwnerNamesNobodyWhoIsKnown(String line) {
    assertThat(facts("Observation", line).owners()).allMatch(Link.UNKNOWN::equals);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Device     | patient         | {'identifier':{'value':'1'},'display':'Bob'}",
        "Device     | patient         | {'type':'Practitioner','display':'Bob'}",
        "Device     | patient         | [{'reference':' '}]",
        "Device     | patient         | 1",
        "Binary     | securityContext | {'identifier':{'value':'1'}}",
        "Provenance | target          | [{'display':'what'}]",
        "Provenance | target          | ['Patient/1']",
        "Account    | subject         | [{'identifier':{'value':'1'}}]"
      })
  void anOwnerWhoIsOnlyDescribedIsOneWhoIsNotKnown(String type, String element, String value) {
    String line = "{'%s':%s}".formatted(element, value).replace('\'', '"');

    assertThat(facts(type, line).owners()).containsExactly(Link.UNKNOWN);
  }

  @Test
  void ofATargetThatIsOnlyDescribedTheTypeIsKnownIfItIsTold() {
    assertThat(
            facts(
                    "Provenance",
                    """
                    {"target":[{"type":"Practitioner","identifier":{"value":"1"}},
                               {"type":"http://hl7.org/fhir/StructureDefinition/Goal"}]}""")
                .owners())
        .containsExactly(
            new Link(Link.Kind.ELSEWHERE, "Practitioner", ""),
            new Link(Link.Kind.ELSEWHERE, "Goal", ""));
  }

  @Test
  void aBinaryIsReferredToByTheUrlOfAnAttachment() {
    LineFacts facts =
        facts(
            "DocumentReference",
            """
            {"url":"https://payer.example/fhir/r4/Binary/0","content":[
             {"attachment":{"url":"https://payer.example/fhir/r4/Binary/1"}},
             {"attachment":{"url":"Binary/2"}},
             {"attachment":{"url":"https://payer.example/fhir/r4/Patient/1"}},
             {"attachment":{"url":"https://payer.example/documents/3"}}]}""");

    assertThat(facts.links()).extracting(Link::name).containsExactly("Binary/1", "Binary/2");
  }

  @Test
  void aPatientIsMeantByItsTypeAloneToo() {
    assertThat(facts("Location", "{\"x\":{\"type\":\"Patient\",\"display\":\"who\"}}").ofSomebody())
        .isTrue();
    assertThat(
            facts("Location", "{\"x\":{\"type\":\"Patient\",\"reference\":\"Location/1\"}}")
                .ofSomebody())
        .isFalse();
  }

  @Test
  void aContainedResourceIsSomebodysUnlessItsTypeIsShared() {
    assertThat(facts("Location", "{\"contained\":[{\"resourceType\":\"Patient\"}]}").ofSomebody())
        .isTrue();
    assertThat(
            facts("Medication", "{\"contained\":[{\"resourceType\":\"Substance\"}]}").ofSomebody())
        .isFalse();
  }

  @Test
  void theVersionIsRead() {
    assertThat(
            facts("Practitioner", "{\"meta\":{\"versionId\":\"7\",\"tag\":[{}],\"source\":\"#1\"}}")
                .version())
        .isEqualTo(new ResourceVersion(7, ResourceVersion.UNKNOWN));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "7", "{", "{\"subject\":", "{} {}", "nonsense"})
  void whatIsNoObjectCannotBeRead(String line) {
    assertThat(read("Observation", line)).isEmpty();
  }

  @Test
  void whatIsNestedBeyondTheLimitsCannotBeRead() {
    String deep = "{\"a\":" + "[".repeat(200) + "]".repeat(200) + "}";
    assertThat(read("Observation", deep)).isEmpty();
  }

  @Test
  void whatRefersToMoreThanAnybodyNeedsCannotBeRead() {
    String many = "{\"reference\":\"Location/1\"},".repeat(100_001);
    assertThat(read("Observation", "{\"x\":[%s{}]}".formatted(many))).isEmpty();
  }

  @Test
  void whateverALineHoldsNothingIsThrown() {
    byte[] line =
        """
        {"id":"1","meta":{"versionId":"2","lastUpdated":"2026-01-01T00:00:00Z"},"subject":
        [{"reference":"Patient/1"}],"target":{"reference":"#x","type":"Patient"},"url":"Binary/1",
        "contained":[{"resourceType":"Patient","url":"Binary/2"}],"x":[1.5e3,true,null]}"""
            .getBytes(StandardCharsets.UTF_8);
    byte[] more = "{}[]\":,\\\"u0#/?.:é\u0000nul1e9 ".getBytes(StandardCharsets.UTF_8);
    Random random = new Random(21);
    int read = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] spoilt = line.clone();
      for (int j = random.nextInt(4); j >= 0; j--) {
        spoilt[random.nextInt(spoilt.length)] = more[random.nextInt(more.length)];
      }
      for (String type : List.of("Observation", "Provenance", "Location", "Patient", "List")) {
        read += reader.read(spoilt, Ownership.of(type)).isPresent() ? 1 : 0;
      }
    }
    assertThat(read).isBetween(1_000, 99_000);
  }

  @Test
  void ofALineOfASharedTypeAllCounts() {
    LineFacts facts =
        facts(
            "Provenance",
            """
            {"target":[{"reference":"Observation/1"}],"agent":[{"who":{"reference":"Patient/2"}}]}""");

    assertThat(facts.owners()).extracting(Link::name).containsExactly("Observation/1");
    assertThat(facts.links()).containsExactly(OTHER);
  }

  @Test
  void aTextOfMegabytesIsPassedOver() {
    String line =
        "{\"data\":\"%s\",\"subject\":{\"reference\":\"Patient/1\"}}"
            .formatted("A".repeat(8 * 1024 * 1024));
    assertThat(facts("Observation", line).owners()).containsExactly(ONE);
  }
}
