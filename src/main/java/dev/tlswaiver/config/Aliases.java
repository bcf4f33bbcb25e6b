package dev.tlswaiver.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** Finds anchors. Without them there are no aliases, and the tree is a tree. */
final class Aliases {
  private Aliases() {}

  /** The first node with an anchor. */
  static Optional<Node> find(Node node) {
    if (node.getAnchor() != null) {
      return Optional.of(node);
    }
    List<Node> children = new ArrayList<>();
    if (node instanceof SequenceNode sequence) {
      children.addAll(sequence.getValue());
    }
    if (node instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        children.add(tuple.getKeyNode());
        children.add(tuple.getValueNode());
      }
    }
    return children.stream().map(Aliases::find).flatMap(Optional::stream).findFirst();
  }
}
