// Bodies as a tree: each below the body that it is part of.

// The roots, each {body, parts}, by name. A body whose parent isn't among the bodies is a root,
// since the caller may not see the parent.
export function treeOf(bodies) {
  const nodes = new Map(bodies.map((body) => [body.name, {body, parts: []}]));
  const roots = [];
  for (const node of nodes.values()) {
    const parent = nodes.get(node.body.parentBody);
    (parent ? parent.parts : roots).push(node);
  }
  for (const node of nodes.values()) node.parts.sort(byName);
  return roots.sort(byName);
}

function byName(a, b) {
  return a.body.displayName.localeCompare(b.body.displayName, 'en');
}
