package org.payerexchange.karaf;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import org.osgi.framework.BundleContext;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;

/**
 * Hands over what this bundle logs to the framework's log, which decides by its own levels what of
 * it to keep. What {@code logback.xml} holds back for the sake of secrets does not get there,
 * whatever those levels are.
 */
final class KarafLog extends AppenderBase<ILoggingEvent> {
  private final LoggerFactory framework;

  private KarafLog(LoggerFactory framework) {
    this.framework = framework;
  }

  /** Takes the place of the console. */
  static void start(BundleContext context) {
    LoggerContext loggers = (LoggerContext) org.slf4j.LoggerFactory.getILoggerFactory();
    KarafLog log =
        new KarafLog(context.getService(context.getServiceReference(LoggerFactory.class)));
    log.setContext(loggers);
    log.start();
    var root = loggers.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.detachAndStopAllAppenders();
    root.setLevel(Level.DEBUG);
    root.addAppender(log);
  }

  @Override
  protected void append(ILoggingEvent event) {
    Logger logger = framework.getLogger(event.getLoggerName());
    Object[] said = {event.getFormattedMessage(), thrown(event.getThrowableProxy())};
    switch (event.getLevel().toInt()) {
      case Level.ERROR_INT -> logger.error("{}", said);
      case Level.WARN_INT -> logger.warn("{}", said);
      case Level.INFO_INT -> logger.info("{}", said);
      default -> logger.debug("{}", said);
    }
  }

  private static Throwable thrown(IThrowableProxy proxy) {
    return proxy instanceof ThrowableProxy known ? known.getThrowable() : null;
  }
}
