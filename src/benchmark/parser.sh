#!/usr/bin/env bash
#
# Measures what a line costs, with JMH: src/benchmark/parser.sh [JMH OPTIONS]
set -euo pipefail
cd "$(dirname "$0")/../.."
mvn -q -B -Pbenchmark compile dependency:build-classpath -Dmdep.outputFile=target/benchmark.classpath
mkdir -p target/benchmark
classpath=target/classes:$(cat target/benchmark.classpath)
javac -cp "$classpath" -proc:full -d target/benchmark src/benchmark/java/dev/tlswaiver/benchmark/*.java 2>/dev/null ||
  javac -cp "$classpath" -d target/benchmark src/benchmark/java/dev/tlswaiver/benchmark/*.java
exec java -cp "target/benchmark:$classpath" org.openjdk.jmh.Main "$@"
