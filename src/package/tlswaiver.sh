#!/bin/sh
# Starts tlswaiver. What Java is told can be changed with TLSWAIVER_JAVA_OPTS, which comes last and so wins;
# which Java it is, with JAVA_HOME.
java=java
[ -z "$JAVA_HOME" ] || java=$JAVA_HOME/bin/java

# An archive of loaded classes, made at installation, halves the time to start. It may be missing.
classes=/var/cache/tlswaiver/classes.jsa
archive=
[ ! -r "$classes" ] || archive=-XX:SharedArchiveFile=$classes

# A small agent: a small heap, one collector thread, and the compiler that is quick rather than thorough.
# shellcheck disable=SC2086 # Options are words.
exec "$java" -Xms8m -Xmx64m -Xss512k -XX:+UseSerialGC -XX:TieredStopAtLevel=1 $archive -Xshare:auto \
  $TLSWAIVER_JAVA_OPTS -jar /usr/share/tlswaiver/tlswaiver.jar "$@"
