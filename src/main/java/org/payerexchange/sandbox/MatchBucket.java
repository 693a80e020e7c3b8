package org.payerexchange.sandbox;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Where a member can be in the answer to a bulk match. */
enum MatchBucket {
  MATCHED("MatchedMembers", "Matched Members", "match", "Matched"),
  NOT_MATCHED("NonMatchedMembers", "Non Matched Members", "nomatch", "Not Matched"),
  CONSTRAINED(
      "ConsentConstrainedMembers",
      "Consent Constrained Members",
      "consentconstraint",
      "Consent Constraint");

  static final String CODES =
      "http://hl7.org/fhir/us/davinci-pdex/CodeSystem/PdexMultiMemberMatchResultCS";

  private final String parameter;
  private final String title;
  private final String code;
  private final String display;

  MatchBucket(String parameter, String title, String code, String display) {
    this.parameter = parameter;
    this.title = title;
    this.code = code;
    this.display = display;
  }

  /** The name of its parameter (PDex 2.1). */
  String parameter() {
    return parameter;
  }

  /** The name of its Group. */
  String title() {
    return title;
  }

  /** The code of its Group (PDex 2.2). */
  String code() {
    return code;
  }

  ObjectNode concept() {
    ObjectNode concept = Answer.MAPPER.createObjectNode();
    concept
        .putArray("coding")
        .addObject()
        .put("system", CODES)
        .put("code", code)
        .put("display", display);
    return concept;
  }
}
