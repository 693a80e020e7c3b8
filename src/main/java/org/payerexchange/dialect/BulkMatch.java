package org.payerexchange.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * How a payer is asked for many members at once: by a job, whose result says of each what became of
 * it. The members that matched share exports of the payer's Groups (PDex 2.2).
 */
public interface BulkMatch {
  /** How many members a request asks for at most. */
  int batchSize();

  /** How long a member waits for others at most. */
  Duration batchWait();

  /**
   * The request that starts the job.
   *
   * @param batch its own id; the same batch and members make the same request
   * @param members at least one, each without problems
   */
  GatewayRequest request(String batch, List<Member> members);

  /**
   * The job that the answer to the request names without a {@code Content-Location}.
   *
   * @param baseUrl the payer's, without a trailing slash
   * @param answer the body as JSON, an empty object where it is none
   * @throws org.payerexchange.step.TransferException {@link
   *     org.payerexchange.step.FailureReason#PAYER_REFUSED} if it names no job
   */
  NamedJob matchJob(URI baseUrl, JsonNode answer);

  /**
   * Whether an answer holds the result itself, rather than a job or a manifest of files.
   *
   * @param answer the body as JSON
   */
  boolean isResult(JsonNode answer);

  /**
   * Which of a manifest's output files hold the result.
   *
   * @param types what the manifest calls the types of its output files, in its order
   * @return their places in that list
   */
  List<Integer> resultFiles(List<String> types);

  /**
   * An answer of which nothing is read yet.
   *
   * @param asked how many members the request asked for
   * @param isOwn whether a URL, up to a resource's type, is where the payer has its resources:
   *     another server's Patient is another person, whatever its id
   */
  Reading reading(int asked, Predicate<String> isOwn);

  /** An answer while it is read. */
  interface Reading {
    /**
     * Reads a file, or the body of an answer, and closes it.
     *
     * @throws org.payerexchange.step.TransferException {@link
     *     org.payerexchange.step.FailureReason#BAD_ANSWER} if it is not JSON to its end, {@link
     *     org.payerexchange.step.FailureReason#TOO_LARGE} if there is more of it than is bearable
     * @throws IOException if it cannot be read
     */
    void add(InputStream file) throws IOException;

    /**
     * What it says of each member.
     *
     * @param batch the request's own id
     * @param members those whom it asked for and who still wait
     * @throws org.payerexchange.step.TransferException {@link
     *     org.payerexchange.step.FailureReason#BAD_ANSWER} if it holds no Group at all
     */
    Result result(String batch, List<Member> members);
  }

  /**
   * The exports of the members that matched.
   *
   * @param entries how many entries each Group has, of others too
   */
  List<Export> exports(List<Matched> matched, Map<String, Integer> entries);

  /**
   * The request that starts a shared export.
   *
   * @param patients the payer's Patients to export alone; empty for the whole Group
   * @throws IllegalArgumentException if an id cannot stand where it belongs
   */
  GatewayRequest kickoff(String groupId, ExportLimits limits, List<String> patients);

  /**
   * What a shared export is limited to once more after its request was refused: payers need not
   * know every limit.
   *
   * @param status the HTTP status of the refusal
   * @param limits what was asked for
   * @return empty if the refusal stands
   */
  Optional<ExportLimits> afterRefusal(int status, ExportLimits limits);

  /**
   * A member that is asked for.
   *
   * @param transfer the member's transfer
   * @param parameters FHIR {@code Parameters} as they were taken in; PHI
   */
  record Member(String transfer, JsonNode parameters) {
    /** Not the parameters. */
    @Override
    public String toString() {
      return "Member[" + transfer + "]";
    }
  }

  /**
   * What an answer says.
   *
   * @param outcomes of each member that was asked for, by transfer
   * @param entries how many entries each matched Group has
   */
  record Result(Map<String, Outcome> outcomes, Map<String, Integer> entries) {
    /** Keeps copies. */
    public Result {
      outcomes = Map.copyOf(outcomes);
      entries = Map.copyOf(entries);
    }
  }

  /**
   * What an answer says of one member.
   *
   * @param groupId the Group to export; null unless matched
   * @param patientId the payer's Patient, if matched, or if it is another member's as well; else
   *     null
   * @param why what is wrong with the answer, without data; null unless uncorrelated
   */
  record Outcome(Kind kind, String groupId, String patientId, String why) {
    /** The payer knows no such member. */
    public static final Outcome NO_MATCH = new Outcome(Kind.NO_MATCH, null, null, null);

    /** The payer does not honour the consent. */
    public static final Outcome CONSENT_CONSTRAINED =
        new Outcome(Kind.CONSENT_CONSTRAINED, null, null, null);

    /** It cannot be told who is meant. */
    public static final Outcome AMBIGUOUS = new Outcome(Kind.AMBIGUOUS, null, null, null);

    /** The payer means another member by the same Patient. */
    public static Outcome ambiguous(String patientId) {
      return new Outcome(Kind.AMBIGUOUS, null, patientId, null);
    }

    /** The payer knows the member. */
    public static Outcome matched(String groupId, String patientId) {
      return new Outcome(Kind.MATCHED, groupId, patientId, null);
    }

    /** The answer cannot be read for this member. */
    public static Outcome uncorrelated(String why) {
      return new Outcome(Kind.UNCORRELATED, null, null, why);
    }

    /** Not the ids, which lead to a person. */
    @Override
    public String toString() {
      return "Outcome[%s%s]".formatted(kind, why == null ? "" : ": " + why);
    }
  }

  /** What becomes of a member. */
  enum Kind {
    /** Its Group may be exported for it. */
    MATCHED,
    /** The payer knows no such member. */
    NO_MATCH,
    /** The payer knows the member, and does not honour the consent. */
    CONSENT_CONSTRAINED,
    /** Several are meant, or several mean one. */
    AMBIGUOUS,
    /** The answer cannot be read for this member. It is asked for once more, alone. */
    UNCORRELATED
  }

  /**
   * A member that matched.
   *
   * @param mark when the last whole export of this Patient was made; empty if none was, or each is
   *     to be whole
   */
  record Matched(String transfer, String groupId, String patientId, Optional<Instant> mark) {
    /** Not the ids, which lead to a person. */
    @Override
    public String toString() {
      return "Matched[" + transfer + "]";
    }
  }

  /**
   * An export that members share.
   *
   * @param members who is served by it
   * @param since from when on it asks; empty for all
   * @param named whether it asks for these members alone, or for the whole Group
   */
  record Export(String groupId, List<Matched> members, Optional<Instant> since, boolean named) {
    /** Keeps a copy. */
    public Export {
      members = List.copyOf(members);
    }

    /** Not the Group, which may stand for one member. */
    @Override
    public String toString() {
      return "Export[%s members]".formatted(members.size());
    }
  }
}
