package dev.tlswaiver.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/**
 * SIGHUP, the daemon's signal to read its configuration again.
 *
 * <p>The only way to it is the JDK's supported but unspecified {@code sun.misc.Signal} (module
 * jdk.unsupported), called by reflection because naming it is a compiler warning.
 */
final class Hangup {
  private Hangup() {}

  /** Runs the action, on a thread of the JVM, whenever the signal comes. */
  static void whenReceived(Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              Hangup.class.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  action.run();
                }
                return null;
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), proxy);
    } catch (ClassNotFoundException
        | NoSuchMethodException
        | InstantiationException
        | IllegalAccessException
        | InvocationTargetException absent) {
      throw new IllegalStateException("this Java has no signal handling", absent);
    }
  }
}
