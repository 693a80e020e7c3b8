package org.payerexchange.dialect;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/** What a gateway's own word for the state of a job means, in any spelling. */
public enum JobWord {
  /** It says none. */
  NONE,
  /** The job is at work, or waits for its turn. */
  AT_WORK,
  /** The job has come to its end. */
  FINISHED,
  /** The job will not come to its end any more. */
  FAILED,
  /** A word that nobody knows: at work, or at its end. */
  UNKNOWN;

  private static final Set<String> ENDS =
      words(
          """
          successful, success, succeeded, complete, completed, completed successfully,
          completed with errors, completed with warnings, partially completed,
          partially successful, partial success, finished, done, ready, available, exported,
          processed
          """);

  private static final Set<String> FAILURES =
      words(
          """
          failed, failure, error, errored, in error, aborted, cancelled, canceled,
          cancel completed, rejected, abandoned, terminated, stopped, expired, timed out,
          unsuccessful
          """);

  /** Any of these words in a status says that the job is at work, or waits for its turn. */
  private static final Set<String> WORK =
      words(
          """
          progress, inprogress, process, inprocess, queue, inqueue, wait, active, busy, open,
          opened, initial, initialized, initialised, assigned, allocated, dispatched, triggered,
          launched, acknowledged, resumed, restarted, retry, delayed, deferred, postponed,
          throttled, unfinished, notstarted, started, submitted, accepted, created, requested,
          received, registered, initiated, queued, enqueued, scheduled, planned, draft, new,
          paused, suspended, hold, onhold, blocked, finalize, incomplete, not
          """);

  /** What stands behind as many characters is no part of a status. */
  private static final int LONGEST = 1_000;

  /** Reads one without regard to case and to what stands between its words, if anything does. */
  public static JobWord of(String status) {
    String word =
        status
            .substring(0, Math.min(status.length(), LONGEST))
            .replaceAll("(?<=\\p{Ll})(?=\\p{Lu})", " ")
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^\\p{L}\\p{N}]+", " ")
            .strip();
    if (word.isEmpty()) {
      return NONE;
    }
    if (FAILURES.contains(word)) {
      return FAILED;
    }
    if (ENDS.contains(word)) {
      return FINISHED;
    }
    boolean atWork =
        word.startsWith("in ")
            || Arrays.stream(word.split(" "))
                .anyMatch(each -> WORK.contains(each) || each.endsWith("ing"));
    return atWork ? AT_WORK : UNKNOWN;
  }

  private static Set<String> words(String list) {
    return Set.of(list.strip().split(",\\s+"));
  }
}
