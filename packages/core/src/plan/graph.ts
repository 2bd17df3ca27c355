/** A thing that is built after the things it stands on. */
export interface GraphNode {
  readonly key: string;
  readonly parents: readonly string[];
}

/**
 * Nodes with parents before children, otherwise in the order given.
 * Throws a RangeError for a circle or an unknown parent; definitions are checked for both before.
 */
export function inOrder<T extends GraphNode>(nodes: readonly T[]): readonly T[] {
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  const done = new Set<string>();
  const open = new Set<string>();
  const order: T[] = [];
  const visit = (node: T): void => {
    if (done.has(node.key)) return;
    if (open.has(node.key)) throw new RangeError(`circle at ${node.key}`);
    open.add(node.key);
    for (const key of node.parents) {
      const parent = byKey.get(key);
      if (parent === undefined) throw new RangeError(`${node.key} stands on ${key}, which is not there`);
      visit(parent);
    }
    open.delete(node.key);
    done.add(node.key);
    order.push(node);
  };
  for (const node of nodes) visit(node);
  return order;
}

/** The chosen nodes and all they stand on. */
export function closure<T extends GraphNode>(nodes: readonly T[], chosen: (node: T) => boolean): readonly T[] {
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  const wanted = new Set<string>();
  const add = (key: string): void => {
    if (wanted.has(key)) return;
    wanted.add(key);
    for (const parent of byKey.get(key)?.parents ?? []) add(parent);
  };
  for (const node of nodes) if (chosen(node)) add(node.key);
  return nodes.filter((node) => wanted.has(node.key));
}
