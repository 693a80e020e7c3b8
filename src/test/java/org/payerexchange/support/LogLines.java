package org.payerexchange.support;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;

/** What this project's classes log from now on, until it is closed. */
public final class LogLines implements AutoCloseable {
  private final Queue<String> lines = new ConcurrentLinkedQueue<>();
  private final Queue<Map.Entry<String, Map<String, String>>> fields =
      new ConcurrentLinkedQueue<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger("org.payerexchange");
  private final Level usual = logger.getLevel();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          String line = event.getLevel() + " " + event.getFormattedMessage();
          lines.add(line);
          fields.add(Map.entry(line, Map.copyOf(event.getMDCPropertyMap())));
        }
      };

  private LogLines(Level level) {
    appender.start();
    logger.setLevel(level);
    logger.addAppender(appender);
  }

  /** From this level on. */
  public static LogLines from(Level level) {
    return new LogLines(level);
  }

  /** Each line by its level and its words, in their order. */
  public List<String> all() {
    return List.copyOf(lines);
  }

  /** Those that begin so. */
  public List<String> beginning(String words) {
    return lines.stream().filter(line -> line.startsWith(words)).toList();
  }

  /** What the first line with these words says beside them (SLF4J, MDC). */
  public Map<String, String> fields(String words) {
    return fields.stream()
        .filter(line -> line.getKey().contains(words))
        .findFirst()
        .orElseThrow()
        .getValue();
  }

  @Override
  public void close() {
    logger.detachAppender(appender);
    logger.setLevel(usual);
  }
}
