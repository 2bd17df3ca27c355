import type { GraphNode } from '../plan/graph.js';

/**
 * Works on nodes in dependency order, independent ones side by side, at most `limit` at once.
 * `work` gets the results of the node's parents and must not reject: an outcome is a value, and what stands on a failed
 * node decides for itself what to do. Results come in the order of `nodes`, which has parents before children.
 */
export async function schedule<N extends GraphNode, R>(
  nodes: readonly N[],
  limit: number,
  work: (node: N, parents: readonly R[]) => Promise<R>,
): Promise<readonly R[]> {
  const slots = semaphore(limit);
  const results = new Map<string, Promise<R>>();
  for (const node of nodes) {
    const parents = node.parents.flatMap((key) => results.get(key) ?? []);
    const result = Promise.all(parents).then((done) => slots(() => work(node, done)));
    results.set(node.key, result);
  }
  // All of them settle first: whoever is told that the run failed must be able to rely on nothing going on any more.
  const settled = await Promise.allSettled(results.values());
  return settled.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/** Lets at most `limit` pieces of work run at once; the others wait in order. */
function semaphore(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = limit;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
