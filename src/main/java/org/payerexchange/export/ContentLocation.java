package org.payerexchange.export;

import java.net.URI;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.payerexchange.dialect.JobReference;
import org.payerexchange.dialect.NamedJob;
import org.payerexchange.dialect.PathSegment;
import org.payerexchange.payer.Payer;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/**
 * Where the answer to a kick-off says that its job is to be asked for (FHIR Bulk Data Access 2,
 * "Bulk Data Kick-off Request").
 */
public final class ContentLocation {
  /** Some servers have one path for the status of all jobs. */
  private static final Pattern JOB_IN_THE_QUERY =
      Pattern.compile("(?i)[?&]_?(?:(?:job|export|task|request)(?:[_-]?id)?|id)=([^&]+)");

  /**
   * The last of the path that is neither the operation's name nor a word of what is asked of it.
   */
  private static final Pattern JOB_IN_THE_PATH =
      Pattern.compile("/([^/$][^/]*)(?i:/(?:status|progress))?/*$");

  private ContentLocation() {}

  /**
   * The job. Its URL is called as it is, query included, once {@link AnswerUrl} has passed it.
   *
   * @param payer whose answer it is
   * @param kickoff the URL that was asked
   * @param contentLocation the header's value
   * @throws TransferException {@link FailureReason#FOREIGN_HOST} or {@link
   *     FailureReason#PAYER_REFUSED} if it cannot be called: asking again could start a job each
   *     time
   */
  public static JobReference job(Payer payer, URI kickoff, String contentLocation) {
    URI statusUrl = statusUrl(payer, kickoff, contentLocation);
    String id = jobId(statusUrl);
    return new JobReference(PathSegment.isSafe(id) ? id : null, statusUrl);
  }

  /**
   * The job that the body of an answer names, its URL checked likewise.
   *
   * @throws TransferException as {@link #job(Payer, URI, String)}
   */
  public static JobReference job(Payer payer, URI kickoff, NamedJob named) {
    JobReference job = job(payer, kickoff, named.statusUrl());
    return named.jobId() == null ? job : new JobReference(named.jobId(), job.statusUrl());
  }

  /** Beside a query a word of the path is the operation's name, which all jobs share. */
  private static String jobId(URI statusUrl) {
    String query = statusUrl.getRawQuery();
    Matcher inQuery = JOB_IN_THE_QUERY.matcher("?" + query);
    if (query != null && inQuery.find()) {
      return inQuery.group(1);
    }
    Matcher inPath = JOB_IN_THE_PATH.matcher(statusUrl.getRawPath());
    boolean found = inPath.find() && (query == null || inPath.group(1).matches(".*\\d.*"));
    return found ? inPath.group(1) : null;
  }

  private static URI statusUrl(Payer payer, URI kickoff, String contentLocation) {
    try {
      return AnswerUrl.resolve(payer, kickoff, contentLocation);
    } catch (TransferException unusable) {
      throw unusable.reason() == FailureReason.BAD_ANSWER
          ? new TransferException(FailureReason.PAYER_REFUSED, unusable.getMessage())
          : unusable;
    }
  }
}
