package dev.tlswaiver.excerpt;

import dev.tlswaiver.maillog.SyslogMessage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Leaves out what is shown twice: an excerpt in a question and again in the answer, or first as its
 * title. A log may have a line twice in one second, but no words of somebody between the two.
 */
final class Repetitions {
  /** Who shows the same more often shows a log that says so. */
  private static final int MOST = 8;

  /** Lines of a log with nothing but blank lines between them. */
  private record Block(int number, List<String> lines, Set<SyslogMessage> messages) {}

  private Repetitions() {}

  /** The lines without each block that another one holds wholly. */
  static List<String> removed(
      List<String> lines, Function<String, Optional<SyslogMessage>> reader) {
    List<Block> blocks = blocks(lines, reader);
    Map<SyslogMessage, List<Block>> holders = new HashMap<>();
    for (Block block : blocks) {
      block
          .messages()
          .forEach(it -> holders.computeIfAbsent(it, x -> new ArrayList<>()).add(block));
    }
    return blocks.stream()
        .filter(block -> !isRepeated(block, holders))
        .flatMap(block -> block.lines().stream())
        .toList();
  }

  private static List<Block> blocks(
      List<String> lines, Function<String, Optional<SyslogMessage>> reader) {
    List<Block> blocks = new ArrayList<>();
    Block block = new Block(0, new ArrayList<>(), new HashSet<>());
    blocks.add(block);
    Set<String> sentences = new HashSet<>();
    for (String line : lines) {
      Optional<SyslogMessage> message = reader.apply(line);
      boolean isLogged = message.filter(it -> it.time().isPresent()).isPresent();
      String text = message.filter(SyslogMessage::isPostfix).map(SyslogMessage::text).orElse("");
      boolean isSpoken = message.filter(it -> it.pid().isEmpty()).isPresent();
      if (!isLogged && isSpoken && sentences.contains(text)) {
        continue; // Somebody speaks of the sentence.
      }
      if (!isLogged && !line.isBlank() && !block.messages().isEmpty()) {
        block = new Block(blocks.size(), new ArrayList<>(), new HashSet<>());
        blocks.add(block);
      }
      block.lines().add(line);
      if (isLogged && !text.isEmpty()) {
        block.messages().add(message.get());
        sentences.add(text);
      }
    }
    return blocks;
  }

  private static boolean isRepeated(Block one, Map<SyslogMessage, List<Block>> holders) {
    Set<SyslogMessage> messages = one.messages();
    if (messages.isEmpty()) {
      return false;
    }
    List<Block> others = holders.getOrDefault(messages.iterator().next(), List.of());
    return others.stream()
        .limit(MOST)
        .filter(other -> other.number() != one.number())
        .filter(other -> other.number() < one.number() || other.messages().size() > messages.size())
        .anyMatch(other -> other.messages().containsAll(messages));
  }
}
