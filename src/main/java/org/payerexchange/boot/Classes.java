package org.payerexchange.boot;

import java.util.concurrent.Callable;

/**
 * Runs what needs to find this bundle's classes by the thread's context class loader, as many
 * libraries do, on a thread of a framework whose own one knows nothing of them.
 */
public final class Classes {
  private Classes() {}

  public static void ofTheBundle(Runnable work) {
    try {
      ofTheBundle(
          () -> {
            work.run();
            return null;
          });
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  public static <T> T ofTheBundle(Callable<T> work) throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(Classes.class.getClassLoader());
    try {
      return work.call();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
