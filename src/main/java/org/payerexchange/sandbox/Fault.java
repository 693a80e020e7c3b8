package org.payerexchange.sandbox;

/** What a gateway or the network before it can do wrong. */
public enum Fault {
  THROTTLE(Place.ANY_REQUEST, "429 with Retry-After: 1"),
  UNAVAILABLE(Place.ANY_REQUEST, "503"),
  RESET(Place.ANY_REQUEST, "the connection ends before the request was looked at"),
  LOSE_ANSWER(
      Place.ANY_REQUEST,
      "the request is carried out, but the connection ends instead of the answer"),
  HANG(
      Place.ANY_REQUEST,
      "the connection is kept and no answer comes for as long as the sandbox runs"),
  EXPIRE_TOKENS(Place.ANY_REQUEST, "every token ends now; the request is answered 401"),
  TRUNCATE(Place.FILE, "a file breaks off somewhere before its end"),
  SLOW(Place.FILE, "a file comes at one byte a second"),
  FILE_EXPIRED(Place.FILE, "a file's URL has expired: 410"),
  CLIENT_REFUSED(Place.GATEWAY, "the token endpoint refuses the client: 401 invalid_client"),
  TOKEN_EMPTY(Place.GATEWAY, "the token endpoint answers 200 with {}"),
  BASIC_ONLY(Place.GATEWAY, "the token endpoint takes a client's secret by HTTP Basic alone"),
  ODD_TOKENS(Place.GATEWAY, "a token's expires_in and token_type are written oddly"),
  FILE_ENDS_TOKENS(
      Place.GATEWAY, "the first request for each file ends every token; it is answered 401"),
  GZIP_MEMBERS(
      Place.FILE, "a file comes as gzip in three members, the last of them empty, each in a chunk"),
  GZIP_CUT(Place.FILE, "a file comes as gzip that ends in its second member"),
  GZIP_AT_REST(Place.FILE, "a file comes as gzip without Content-Encoding"),
  MIXED_TYPES(Place.FILE, "a file ends with a line of another type"),
  NOT_MATCHED(Place.GATEWAY, "a match is answered with the Group NonMatchedMembers alone"),
  CONSENT_CONSTRAINED(
      Place.GATEWAY, "a match is answered with the Group ConsentConstrainedMembers alone"),
  AMBIGUOUS_MATCH(Place.GATEWAY, "a match is answered 422 with the code multiple-matches"),
  SIGNED_LINKS(
      Place.GATEWAY,
      "file URLs are signed, refuse a token (400), and are too old (403) in a job's first manifest"),
  INNER_URLS(
      Place.GATEWAY, "URLs of jobs and files name the gateway's host with another scheme and port"),
  FOREIGN_FILES(
      Place.GATEWAY, "files lie at http://localhost with the gateway's port, another host's name"),
  ERROR_COUNT(Place.GATEWAY, "a manifest has an error file whose count is not that of its lines"),
  ATTACHMENTS(
      Place.GATEWAY,
      "an export has DocumentReferences whose attachments are small, large, of another hash, too old, and elsewhere"),
  JOB_FAILED(Place.JOB, "a new job ends with status \"Failed\""),
  JOB_FAILED_BY_STATUS(
      Place.JOB, "a new job ends with status 500 and an OperationOutcome, for as long as it is"),
  STATUS_EMPTY(Place.JOB, "a new job ends with {} for its status"),
  STATUS_COMPLETED(Place.JOB, "a new job ends with status \"completed\""),
  STATUS_UNKNOWN(Place.JOB, "a new job ends with a status that nobody knows, and its files"),
  PAGES(Place.JOB, "a new job's manifest comes in three pages"),
  PAGE_LATE(Place.JOB, "with PAGES: the second page is answered 202 at first"),
  PAGE_EXPIRES(
      Place.JOB,
      "with PAGES: links on a job's second page are too old (410) where they are asked for first"),
  PARTIAL_MANIFEST(
      Place.EXPORT,
      "the status of a running export whose kick-off allows it (allowPartialManifests) is 202 with a manifest of some files"),
  EXPORT_STATUS(
      Place.JOB,
      "the status of a new job is always answered 200, with what it is in X-Export-Status"),
  OUTCOME_LIST(
      Place.JOB,
      "a new job's manifest is as Bulk Data Access 4 has it: outcome in place of error (with ERROR_COUNT it names a file), no request"),
  LINKS_EXPIRE(
      Place.EXPORT,
      "a new export's manifest says that its links work for two minutes (Expires); they are too old (410) from then on"),
  LINKS_BREAK(
      Place.EXPORT,
      "each file of a new export breaks off halfway, and links of its first manifest are too old (410) then"),
  REDIRECTED(
      Place.JOB,
      "file URLs of a new job answer 307 to another port (--store-port), which refuses a token"),
  SUBSETTED(
      Place.EXPORT,
      "the resources of a new export, or of a page, are tagged SUBSETTED (a load member's are not)"),
  LABELLED(
      Place.EXPORT,
      "the resources of a new export, or of a page, have a security label, a tag and a profile (a load member's do not)"),
  ORGANIZED(
      Place.EXPORT,
      "a new export is organized by Patient: its files hold resources of all types behind headers"),
  NO_OUTPUT(Place.JOB, "a new job's manifest has neither output nor status"),
  TIME_WITHOUT_COLON(Place.JOB, "a new job's transactionTime ends with +0000"),
  TIME_UNREADABLE(Place.JOB, "a new job's transactionTime is no time"),
  KICK_OFF_CUT(Place.GATEWAY, "a kick-off is carried out, and answered with half a JSON object"),
  RELEASE_REFUSED(Place.GATEWAY, "DELETE of a job is answered 500 with an OperationOutcome"),
  RELEASE_TOO_LATE(
      Place.GATEWAY, "PDex: DELETE of a job that is over is answered 404; its status stays"),
  RENUMBERED_IDS(
      Place.GATEWAY, "PDex: what a match's Groups contain has ids that were not in the request"),
  WITHOUT_PATIENTS(Place.GATEWAY, "PDex: a match's Groups contain no Patients"),
  WITHOUT_CODE(Place.GATEWAY, "PDex: a match's Groups have neither code nor characteristic"),
  CROWD(Place.GATEWAY, "PDex: a match answers with 100,000 members more than were asked for"),
  REGULAR_CONSTRAINED(Place.GATEWAY, "PDex: a consent to #regular alone constrains the exchange"),
  POST_ONLY(Place.GATEWAY, "1up: a kick-off by GET is answered 405"),
  GET_ONLY(Place.GATEWAY, "1up: a kick-off by POST is answered 405"),
  FORM_REFUSED(
      Place.GATEWAY,
      "a kick-off with allowPartialManifests or includeAssociatedData is answered 400, unless it prefers handling=lenient"),
  TOO_MANY_JOBS(Place.KICK_OFF, "a kick-off is answered 409 with the code throttled"),
  TOO_COSTLY(Place.KICK_OFF, "a kick-off is answered 400 with the code too-costly"),
  KICK_OFF_TRANSIENT(Place.KICK_OFF, "a kick-off is answered 400 with the code transient"),
  ONE_EXPORT(
      Place.GATEWAY, "PDex: a kick-off is answered 429 while another export of the payer runs"),
  GROUPS_LOST(
      Place.GATEWAY, "PDex: DELETE of a match takes its Group away, and the exports of the Group"),
  FILTER_REFUSED(Place.GATEWAY, "PDex: _typeFilter is answered 400"),
  PATIENT_REFUSED(Place.GATEWAY, "PDex: the parameter patient is answered 400"),
  TYPES_NEEDED(
      Place.GATEWAY, "PDex: an export without _type holds Group, Patient and Coverage alone"),
  COUNTS_LEFT_OUT(Place.GATEWAY, "PDex: a manifest has no counts"),
  DELETIONS(Place.GATEWAY, "PDex: a manifest names a file of deleted resources"),
  REFUSED_LATE(
      Place.GATEWAY, "PDex: a match that is refused whole is taken; its status is the refusal"),
  JOB_ID_IN_BODY(
      Place.GATEWAY, "PDex: a kick-off is answered with {\"jobId\"} instead of Content-Location"),
  RELATIVE_LOCATION(Place.GATEWAY, "PDex: Content-Location is a path"),
  MEMBER_ID_LEFT_OUT(Place.GATEWAY, "HRex: a match is answered without MemberId"),
  MATCH_DETAILS(Place.GATEWAY, "HRex: a match is answered with parameters that no version has"),
  BALLOT_ANSWER(
      Place.GATEWAY, "HRex: a match is answered with MemberPatient, as version 0.2 had it"),
  IDENTIFIER_OF_ANOTHER(
      Place.GATEWAY, "HRex: the MemberIdentifier's value is the id of another Patient"),
  PATIENT_LOST(Place.GATEWAY, "HRex: no Patient is found by an identifier"),
  PATIENT_TWICE(Place.GATEWAY, "HRex: two Patients are found by an identifier"),
  NO_BUNDLE(Place.GATEWAY, "HRex: a page is a Patient"),
  NEXT_FOREIGN(Place.GATEWAY, "HRex, or with PAGES: a page has its next on another host"),
  NEXT_ITSELF(Place.GATEWAY, "HRex, or with PAGES: a page has itself for its next"),
  EMPTY_ENTRIES(Place.GATEWAY, "HRex: a page has entries without a resource"),
  OUTCOMES(Place.GATEWAY, "HRex: a page has an OperationOutcome among its entries"),
  REPEATS(Place.GATEWAY, "HRex: a page begins with the last entry of the one before"),
  STRANGERS(Place.GATEWAY, "HRex: a page has another Patient among its entries"),
  ROLES_LEFT_OUT(Place.GATEWAY, "HRex: $everything has neither PractitionerRole nor Location"),
  PAGE_GONE(Place.PAGE, "HRex, or with PAGES: a next page is not there any more: 410"),
  EVERYBODY(Place.GATEWAY, "HRex: a Patient's export has the Patient of the next number as well");

  private final Place place;
  private final String description;

  Fault(Place place, String description) {
    this.place = place;
    this.description = description;
  }

  /** What goes wrong, for people. */
  public String description() {
    return description;
  }

  /** Whether a request of this kind can meet it on its way. */
  boolean meets(RequestKind kind) {
    return switch (place) {
      case ANY_REQUEST -> true;
      case FILE -> kind.isOfFile();
      case PAGE -> kind == RequestKind.PAGE || kind == RequestKind.MANIFEST_PAGE;
      case KICK_OFF -> kind == RequestKind.KICK_OFF || kind == RequestKind.BULK_MATCH;
      case JOB, EXPORT, GATEWAY -> false;
    };
  }

  /** Whether an export has it from its beginning. */
  boolean isOfExport() {
    return place == Place.EXPORT || isOfJob();
  }

  /** Whether a job has it from its beginning. */
  boolean isOfJob() {
    return place == Place.JOB;
  }

  private enum Place {
    /** Drawn before a request is looked at. */
    ANY_REQUEST,
    /** Drawn before a request for a file is looked at. */
    FILE,
    /** Drawn before a request for a next page is looked at. */
    PAGE,
    /** Drawn before a kick-off is looked at, of a match of many as well. */
    KICK_OFF,
    /** Drawn once for a job, at its kick-off. */
    JOB,
    /** Drawn once for an export, at its kick-off. */
    EXPORT,
    /** Drawn by the gateway's own beans, where it matters. */
    GATEWAY
  }
}
