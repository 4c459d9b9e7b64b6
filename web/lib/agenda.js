// The agenda of a meeting as a tree, with what belongs to each item.

// Nodes {item, number, documents, statements, parts} of the entries of GetAgenda, which come in
// order, each followed by its parts. An item whose parent isn't seen by the caller stands at the top.
export function agendaTree(entries, documents = [], statements = []) {
  const nodes = new Map();
  const top = [];
  for (const {agendaItem: item, number} of entries) {
    const node = {
      item,
      number,
      documents: documents.filter((document) => document.agendaItem === item.name),
      statements: statements.filter((statement) => statement.agendaItem === item.name),
      parts: [],
    };
    nodes.set(item.name, node);
    (nodes.get(item.parentItem)?.parts ?? top).push(node);
  }
  return top;
}

// What belongs to no item of the agenda that the caller sees.
export function besideAgenda(entries, resources) {
  const items = new Set(entries.map(({agendaItem}) => agendaItem.name));
  return resources.filter((resource) => !items.has(resource.agendaItem));
}
