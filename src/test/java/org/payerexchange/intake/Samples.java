package org.payerexchange.intake;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** Records of one made-up member in every form. */
final class Samples {
  static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC);

  static final String HEADER =
      "payer,memberId,given,family,birthDate,coverageId,consentId,consentPolicy,consentStart,consentEnd";

  static final String ROW =
      "bison,member-1,Ada,Marlowe,1980-04-05,cov-1,consent-1,regular,2026-01-01,2099-12-31";

  /** The request of the reference page as it is printed, its placeholders filled. */
  static final String REFERENCE_PAGE =
      """
      {
          "resourceType": "Parameters",
          "id": "member-1",
          "parameter": [
              {
              "name": "MemberPatient",
                  "resource": {
                  "name": [
                      {
                          "given": ["Ada"],
                          "family": "Marlowe"
                      }
                      ],
                  "birthDate": "1980-04-05"
                  }
              },
          {
              "name" : "CoverageToMatch",
              "resource" : {
                  "identifier" : [
                  {
                      "value" : "cov-1"
                  }
                  ]
              }
              }
              ,
              {
              "name": "Consent",
              "resource": {
                  "resourceType": "Consent",
                  "id": "consent-1",
                  "status": "active",
                  "policy": [
              {
              "uri": "http://hl7.org/fhir/us/davinci-hrex/StructureDefinition-hrex-consent.html#regular"
              }
          ],
          "provision": {
              "type": "permit",
              "period": {
              "start": "2026-01-01",
              "end": "2099-12-31"
              }
          }
              }
              }
          ]
          }
      """;

  private Samples() {}

  /** A flat record on one line. */
  static String flat(String member) {
    return """
    {"payer":"bison","memberId":"%s","given":"Ada","family":"Marlowe","birthDate":"1980-04-05",\
    "coverageId":"cov-1","consentId":"consent-1","consentPolicy":"regular",\
    "consentStart":"2026-01-01","consentEnd":"2099-12-31"}"""
        .formatted(member);
  }

  /** The reference page's request on one line. */
  static String parameters(String member) {
    return REFERENCE_PAGE.replaceAll("\\s*\\n\\s*", "").replace("member-1", member);
  }

  static List<RawRecord> read(String text) {
    return read(text.getBytes(UTF_8));
  }

  static List<RawRecord> read(byte[] bytes) {
    List<RawRecord> records = new ArrayList<>();
    new RecordReader(1 << 20).read(new ByteArrayInputStream(bytes)).forEachRemaining(records::add);
    return records;
  }
}
