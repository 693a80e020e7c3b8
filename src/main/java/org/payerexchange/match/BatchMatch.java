package org.payerexchange.match;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.payerexchange.dialect.BulkMatch;
import org.payerexchange.dialect.BulkMatch.Matched;
import org.payerexchange.dialect.BulkMatch.Member;
import org.payerexchange.dialect.BulkMatch.Outcome;
import org.payerexchange.dialect.BulkMatch.Reading;
import org.payerexchange.dialect.BulkMatch.Result;
import org.payerexchange.dialect.Dialect;
import org.payerexchange.dialect.FieldProblem;
import org.payerexchange.dialect.JobReference;
import org.payerexchange.dialect.JobWord;
import org.payerexchange.export.AnswerUrl;
import org.payerexchange.export.ContentLocation;
import org.payerexchange.export.ExportManifest;
import org.payerexchange.export.ExportPoll;
import org.payerexchange.export.ExportScopes;
import org.payerexchange.export.ManifestFile;
import org.payerexchange.export.StatusAnswer;
import org.payerexchange.http.OutcomeCodes;
import org.payerexchange.http.PayerRequest;
import org.payerexchange.http.RequestKind;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.LastExport;
import org.payerexchange.ledger.store.BatchLedger;
import org.payerexchange.ledger.store.BatchLedger.BatchMember;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.PayerUrls;
import org.payerexchange.payer.Payers;
import org.payerexchange.step.ConsentDays;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * The decisions of the routes {@code match-batch} and {@code poll-match}: a payer is asked for many
 * members by one job, and says of each what became of it.
 */
public final class BatchMatch {
  /** The answer to a poll that is neither a status nor a manifest, but the result itself. */
  private static final String RESULT = "RESULT";

  /** What a payer may say to the request as a whole: unreadable, too large, not to be processed. */
  private static final Set<Integer> REFUSALS = Set.of(400, 413, 422);

  private static final int ACCEPTED = 202;
  private static final int OK = 200;

  /** Some servers wrap a file of Groups in something else where a type is told. */
  private static final Map<String, String> ANY_TYPE = Map.of("Accept", "*/*");

  private final Payers payers;
  private final BatchLedger ledger;
  private final ExportScopes scopes;
  private final ExportPoll poll;
  private final Clock clock;

  /**
   * The bean {@code batchMatch}.
   *
   * @param scopes tells whether later exports begin where earlier ones ended
   * @param poll reads answers to status requests
   * @param clock tells the day on which a consent ends, in UTC
   */
  public BatchMatch(
      Payers payers, BatchLedger ledger, ExportScopes scopes, ExportPoll poll, Clock clock) {
    this.payers = payers;
    this.ledger = ledger;
    this.scopes = scopes;
    this.poll = poll;
    this.clock = clock;
  }

  /**
   * The members to ask for. Those whose consent has ended by now, or who lack what the payer is to
   * be told, fail alone.
   *
   * @throws TransferException {@link FailureReason#LEASE_LOST} if the step is another node's by now
   */
  public List<Member> members(ExportJobClaim claim) {
    bulk(claim);
    Dialect dialect = payer(claim).dialect();
    List<Member> members = new ArrayList<>();
    for (BatchMember waiting : ledger.members(claim)) {
      Member member = member(waiting);
      List<FieldProblem> problems = dialect.problems(member.parameters());
      if (ConsentDays.isOver(waiting.consentEnd(), clock)) {
        fail(
            claim,
            member,
            FailureReason.CONSENT_EXPIRED,
            "the consent ended on " + waiting.consentEnd());
      } else if (!problems.isEmpty()) {
        fail(
            claim,
            member,
            FailureReason.INCOMPLETE_RECORD,
            problems.stream().map(FieldProblem::toString).collect(Collectors.joining("; ")));
      } else {
        members.add(member);
      }
    }
    return members;
  }

  /** Whether there is anybody to ask for. */
  public boolean isAnybody(List<Member> members) {
    return !members.isEmpty();
  }

  /** The request; a refusal of the whole is an answer, too. Its answer is a live stream. */
  public PayerRequest request(ExportJobClaim claim, List<Member> members) {
    Payer payer = payer(claim);
    Set<Integer> handled =
        IntStream.concat(IntStream.range(200, 300), REFUSALS.stream().mapToInt(Integer::intValue))
            .boxed()
            .collect(Collectors.toSet());
    return PayerRequest.of(
        RequestKind.MATCH, payer, bulk(claim).request(claim.transferId(), members), handled, true);
  }

  /**
   * Commits that the payer refused the request as a whole.
   *
   * @param asked the request
   * @param answer the body of the refusal
   * @return false if the step is another node's by now
   */
  public boolean refused(ExportJobClaim claim, PayerRequest asked, int status, InputStream answer)
      throws IOException {
    return ledger.refused(
        claim,
        "payer answered %s%s to the match of many members"
            .formatted(status, OutcomeCodes.in(answer, asked.body())));
  }

  /**
   * The job that a {@code Content-Location} names.
   *
   * @throws TransferException as {@link ContentLocation#job}
   */
  public JobReference jobOfHeader(
      ExportJobClaim claim, PayerRequest asked, String contentLocation) {
    return ContentLocation.job(payer(claim), asked.url(), contentLocation);
  }

  /** Whether an answer's header says where its job is, whatever else it says. */
  public boolean isLocated(int status, String contentLocation) {
    return status == ACCEPTED && contentLocation != null;
  }

  /**
   * The job that an answer names which is not the result.
   *
   * @param contentLocation the header, null for none; a result may have one, too: its own address
   * @throws TransferException as {@link BulkMatch#matchJob} and {@link ContentLocation#job}
   */
  public JobReference jobOfBody(
      ExportJobClaim claim, PayerRequest asked, String contentLocation, JsonNode answer) {
    if (contentLocation != null) {
      return jobOfHeader(claim, asked, contentLocation);
    }
    Payer payer = payer(claim);
    return ContentLocation.job(payer, asked.url(), bulk(claim).matchJob(payer.baseUrl(), answer));
  }

  /** Whether the answer to the request is the result already. */
  public boolean isResult(ExportJobClaim claim, JsonNode answer) {
    return bulk(claim).isResult(answer);
  }

  /**
   * What the answer to a poll means: {@code RESULT} if it is the result itself, else the name of a
   * {@link org.payerexchange.export.JobStatus}.
   *
   * @param exportStatus the answer's {@code X-Export-Status}, null for none
   * @param retryAfter the answer's {@code Retry-After}, null for none
   * @throws TransferException as {@link ExportPoll#status}
   */
  public String status(
      ExportJobClaim claim,
      int httpStatus,
      String exportStatus,
      String retryAfter,
      StatusAnswer answer) {
    int meant = ExportPoll.meant(httpStatus, exportStatus);
    boolean over = meant >= OK && meant < 300 && meant != ACCEPTED;
    if (over && bulk(claim).isResult(answer.said())) {
      JobWord word = payer(claim).dialect().report(answer.said()).word();
      if (word == JobWord.NONE || word == JobWord.FINISHED) {
        return RESULT;
      }
    }
    return poll.status(claim, meant, null, retryAfter, answer).name();
  }

  /** The members that still wait for the answer. */
  public List<Member> waiting(ExportJobClaim claim) {
    return ledger.members(claim).stream().map(BatchMatch::member).toList();
  }

  /**
   * The requests for the files of a manifest that hold the result, in its order.
   *
   * @throws TransferException {@link FailureReason#BAD_ANSWER} if there are none, {@link
   *     FailureReason#FOREIGN_HOST} if one leads elsewhere
   */
  public List<PayerRequest> files(ExportJobClaim claim, ExportManifest manifest) {
    Payer payer = payer(claim);
    URI statusUrl = PayerUrls.resolve(payer, claim.statusUrl());
    List<ManifestFile> output =
        manifest.files().stream().filter(file -> file.kind() == FileKind.OUTPUT).toList();
    List<Integer> places =
        bulk(claim)
            .resultFiles(
                Arrays.asList(output.stream().map(ManifestFile::type).toArray(String[]::new)));
    if (places.isEmpty()) {
      throw new TransferException(
          FailureReason.BAD_ANSWER, "the manifest of the match names no file with its result");
    }
    return places.stream().map(output::get).map(file -> file(payer, statusUrl, file)).toList();
  }

  private static PayerRequest file(Payer payer, URI statusUrl, ManifestFile file) {
    URI url = AnswerUrl.resolve(payer, statusUrl, file.url());
    return PayerRequest.live(
        RequestKind.FILE,
        payer,
        url,
        PayerUrls.sendsTokenWithFile(payer, url, file.requiresAccessToken()),
        ANY_TYPE,
        PayerRequest.WHOLE);
  }

  /**
   * The answer, of which nothing is read yet. Who is left of several was not the only one that was
   * asked for.
   */
  public Reading reading(ExportJobClaim claim) {
    Payer payer = payer(claim);
    return bulk(claim).reading(ledger.size(claim), prefix -> PayerUrls.isBase(payer, prefix));
  }

  /**
   * Reads a file of the answer, or its body, and closes it.
   *
   * @throws TransferException as {@link Reading#add}
   * @throws IOException if it cannot be read
   */
  public void read(Reading reading, InputStream file) throws IOException {
    reading.add(file);
  }

  /**
   * Commits what the answer says of each member, and the exports that those who matched share.
   *
   * @return false if the step is another node's by now
   * @throws TransferException as {@link Reading#result}
   */
  public boolean answered(ExportJobClaim claim, List<Member> members, Reading reading) {
    BulkMatch bulk = bulk(claim);
    Result result = reading.result(claim.transferId(), members);
    Map<String, LastExport> last = lastExports(claim, result);
    List<Matched> matched =
        members.stream()
            .map(Member::transfer)
            .filter(isMatchedBy(result))
            .map(transfer -> matched(claim, transfer, result.outcomes().get(transfer), last))
            .toList();
    return ledger.answered(claim, result.outcomes(), bulk.exports(matched, result.entries()));
  }

  private Map<String, LastExport> lastExports(ExportJobClaim claim, Result result) {
    if (!scopes.isIncremental(claim.payer())) {
      return Map.of();
    }
    return ledger.marks(
        claim.payer(),
        result.outcomes().entrySet().stream()
            .filter(each -> each.getValue().kind() == BulkMatch.Kind.MATCHED)
            .collect(Collectors.toMap(Map.Entry::getKey, each -> each.getValue().patientId())));
  }

  private static Predicate<String> isMatchedBy(Result result) {
    return transfer -> {
      Outcome outcome = result.outcomes().get(transfer);
      return outcome != null && outcome.kind() == BulkMatch.Kind.MATCHED;
    };
  }

  private Matched matched(
      ExportJobClaim claim, String transfer, Outcome outcome, Map<String, LastExport> last) {
    return new Matched(
        transfer,
        outcome.groupId(),
        outcome.patientId(),
        Optional.ofNullable(last.get(transfer))
            .flatMap(export -> scopes.mark(claim.payer(), export)));
  }

  private void fail(ExportJobClaim claim, Member member, FailureReason reason, String detail) {
    if (!ledger.memberFailed(claim, member.transfer(), reason, detail)) {
      throw new TransferException(FailureReason.LEASE_LOST, "the batch is another node's by now");
    }
  }

  private static Member member(BatchMember waiting) {
    return new Member(waiting.transferId(), RegisteredRequest.read(waiting.requestJson()));
  }

  private Payer payer(ExportJobClaim claim) {
    return payers.get(claim.payer());
  }

  /** The dialect may have been changed since the members were taken in. */
  private BulkMatch bulk(ExportJobClaim claim) {
    return payer(claim)
        .dialect()
        .bulkMatch()
        .orElseThrow(
            () ->
                new TransferException(
                    FailureReason.UNKNOWN_PAYER,
                    "the payer is no longer asked for many members at once"));
  }
}
