package org.payerexchange.intake;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Exchange;
import org.payerexchange.http.CloseWhenDone;
import org.payerexchange.ledger.store.LostEnds;
import org.payerexchange.step.Hands;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * What a reader does with a file of the inbox: holds it, opens it, and puts it away or gives it
 * back. A file is one node's at a time.
 */
public final class InboxReader {
  private static final int LONGEST_KEY = 1000;
  private static final Logger LOG = LoggerFactory.getLogger(InboxReader.class);

  private final Inbox inbox;
  private final InboxLocks locks;
  private final DoneFiles done;
  private final Hands hands;

  /** Locks that the ledger did not take back, and that this node keeps young. */
  private final Set<String> kept = ConcurrentHashMap.newKeySet();

  /**
   * Reads this inbox.
   *
   * @param hands what this node has in hand, beside which a file is read
   */
  public InboxReader(Inbox inbox, InboxLocks locks, DoneFiles done, Hands hands) {
    this.inbox = inbox;
    this.locks = locks;
    this.done = done;
    this.hands = hands;
  }

  /** Holds a file until the exchange is done, whatever becomes of it. */
  public InboxReading hold(InboxFile file, Exchange exchange) {
    InboxReading reading = new InboxReading(file, inbox::changed);
    inbox.begun(file);
    CloseWhenDone.with(exchange, () -> release(reading));
    return reading;
  }

  /**
   * The content of a file that is still what was found at rest, and that no other node reads; null
   * for any other, which is looked at again later.
   *
   * @throws IntakeRefusal if it ended one process after the other
   */
  public InputStream open(InboxReading reading) {
    InboxFile file = reading.file();
    if (!lock(reading) || !take(reading)) {
      reading.then(inbox::readElsewhere);
      return null;
    }
    try {
      if (Stamp.of(file.path()).equals(file.stamp()) && inbox.contains(file.path())) {
        return reading.opened(Files.newInputStream(file.path(), NOFOLLOW_LINKS));
      }
    } catch (NoSuchFileException gone) {
      reading.then(inbox::left);
    } catch (AccessDeniedException denied) {
      reading.then(each -> inbox.failed(each, "may not be read: permission denied"));
    } catch (IOException e) {
      reading.then(each -> inbox.failed(each, "cannot be opened"));
    }
    return null;
  }

  /** Puts a file away whose records are committed, unless it is to be read on. */
  public void putAway(InboxReading reading) {
    if (reading.isEndLeftOut()) {
      reading.then(inbox::endIsMissing);
      return;
    }
    try {
      reading.then(done.put(reading.file()) ? inbox::left : inbox::changed);
    } catch (NoSuchFileException gone) {
      reading.then(inbox::left);
    } catch (IOException e) {
      reading.then(each -> inbox.failed(each, "was read, but cannot be moved into .done"));
    }
  }

  /** Books that reading failed: the file is tried again, later each time. */
  public void fail(InboxReading reading, Throwable failure) {
    String kind = NestedExceptionUtils.getMostSpecificCause(failure).getClass().getSimpleName();
    reading.then(each -> inbox.failed(each, "could not be read: " + kind));
  }

  /** What ended a process before is read while nothing else is in hand. */
  private boolean take(InboxReading reading) {
    String key = key(reading.file());
    int ends = locks.ends().of(key);
    if (ends >= LostEnds.GUILTY) {
      reading.setEnds(ends);
      throw new IntakeRefusal(IntakeRefusal.Kind.BROKEN, LostEnds.WORDS);
    }
    boolean suspect = ends >= LostEnds.SUSPECT;
    if (!(suspect ? hands.takeAlone(reading) : hands.takeBeside(reading))) {
      return false;
    }
    reading.setEnds(ends);
    if (suspect) {
      locks.ends().alone(key);
    }
    return true;
  }

  private boolean lock(InboxReading reading) {
    String key = key(reading.file());
    if (!reading.isLocked() && (kept.remove(key) || locks.add(key))) {
      reading.setLocked();
    }
    return reading.isLocked();
  }

  private void release(InboxReading reading) {
    if (reading.isLocked()) {
      String key = key(reading.file());
      hands.drop(reading);
      try {
        if (reading.hasEnds()) {
          locks.ends().forget(key);
        }
        locks.remove(key);
      } catch (DataAccessException | TransactionException away) {
        kept.add(key);
      }
    }
    try {
      reading.finish();
    } catch (IOException e) {
      LOG.debug("inbox: {} cannot be closed", reading.file().name());
    }
  }

  private static String key(InboxFile file) {
    String name = file.name();
    return name.length() > LONGEST_KEY ? name.substring(name.length() - LONGEST_KEY) : name;
  }
}
