package org.payerexchange.split;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.dialect.OneUp;
import org.payerexchange.payer.Payer;
import org.payerexchange.support.PlainPayer;

class LinksTest {
  static final Payer PAYER =
      PlainPayer.of(
          "bison",
          URI.create("https://payer.example/fhir/r4"),
          URI.create("https://payer.example/token"),
          "client",
          "secret",
          "",
          Set.of("inner.example"),
          Set.of("files.example", "payer.example:8443"),
          new OneUp(),
          1);

  private final Links links = new Links(PAYER);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Patient/1",
        " Patient/1 ",
        "\u00a0Patient/1\u200b",
        "/Patient/1",
        "./Patient/1",
        "Patient/1/",
        "Patient/1/_history/7",
        "Patient/1#name",
        "https://payer.example/fhir/r4/Patient/1",
        "https://PAYER.example/fhir/r4/Patient/1/_history/7",
        "http://payer.example:8080/fhir/r4/Patient/1",
        "http://inner.example/fhir/r4/Patient/1"
      })
  void whateverFormNamesAResourceOfThePayersLeadsToIt(String reference) {
    assertThat(links.of(reference)).isEqualTo(new Link(Link.Kind.OURS, "Patient", "1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://other.example/fhir/r4/Patient/1",
        "https://payer.example/fhir/tenant/Patient/1",
        "https://payer.example/Patient/1",
        "https://payer.example.other.example/fhir/r4/Patient/1",
        "https://payer.example@other.example/fhir/r4/Patient/1",
        "https://payer.example/fhir/r4/../r5/Patient/1",
        "https://files.example/fhir/r4/Patient/1",
        "ftp://payer.example/fhir/r4/Patient/1",
        "//payer.example/fhir/r4/Patient/1",
        "fhir/r4/Patient/1",
        "../Patient/1",
        "Patient?identifier=http://member.example|1",
        "https://payer.example/fhir/r4/Patient?identifier=1"
      })
  void whatIsNamedElsewhereIsAnothersWhateverItsId(String reference) {
    assertThat(links.of(reference)).isEqualTo(new Link(Link.Kind.ELSEWHERE, "Patient", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "patient/1",
        "Patient/",
        "Patient/$everything",
        "Patient/_history/1",
        "Patient/1/_history/Patient/2",
        "Patient/1/_history/7/Patient/2",
        "https://payer.example/fhir/r4/Patient/1/_history/Patient/2",
        "Patient/1 2",
        "Pätient/1",
        "urn:oid:1.2.3",
        "https://payer.example"
      })
  void ofAnyOtherNotEvenTheTypeIsTold(String reference) {
    assertThat(links.of(reference)).isEqualTo(Link.UNKNOWN);
  }

  @Test
  void aUuidTellsNoType() {
    assertThat(links.of("urn:uuid:6f1b")).isEqualTo(new Link(Link.Kind.UNTYPED, "", "6f1b"));
  }

  @Test
  void aContainedResourceComesAlong() {
    assertThat(links.of("#p").kind()).isEqualTo(Link.Kind.INSIDE);
  }

  @Test
  void aTextBeyondAnyReferenceIsNotRead() {
    assertThat(links.of("Patient/" + "1".repeat(Links.LONGEST))).isEqualTo(Link.UNKNOWN);
  }

  @Test
  void whatIsToldOfALinkHoldsNoId() {
    assertThat(links.of("Patient/4711")).asString().doesNotContain("4711");
  }
}
