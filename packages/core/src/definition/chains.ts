import type { Json } from '../plan/json.js';
import { problem, quote, type Problem } from './problems.js';
import { items, members } from './semantics.js';
import { suggest } from './suggest.js';
import { hasReference } from './variables.js';

/** Images that are based on each other in a circle; each circle once, told at its first image. */
export function cycleProblems(definition: Json): Problem[] {
  const images = members(members(definition)['images']);
  const parents = new Map<string, string>();
  for (const [name, image] of Object.entries(images)) {
    const from = members(image)['from'];
    if (typeof from === 'string' && from !== 'scratch' && Object.hasOwn(images, from)) parents.set(name, from);
  }
  return circles(parents).map((circle) =>
    problem(['images', circle[0]!, 'from'], `goes round in a circle: ${[...circle, circle[0]!].join(' → ')}`),
  );
}

/** Channels: known predecessors, no circles, and names that no version and no ref can be mistaken for. */
export function channelProblems(definition: Json): Problem[] {
  const channels = members(definition)['channels'];
  const listed = items(channels);
  const problems: Problem[] = listed.flatMap((name, index) => {
    if (typeof name !== 'string' || hasReference(name)) return [];
    const path = ['channels', index];
    if (listed.indexOf(name) < index) return [problem(path, `${quote(name)} is listed twice`)];
    return nameFaults(name).map((message) => problem(path, message));
  });
  const named = members(channels);
  const before = new Map<string, string>();
  for (const [name, channel] of Object.entries(named)) {
    problems.push(...nameFaults(name).map((message) => problem(['channels', name], message)));
    const after = members(channel)['after'];
    if (typeof after !== 'string' || hasReference(after)) continue;
    if (Object.hasOwn(named, after)) before.set(name, after);
    else {
      const others = Object.keys(named).filter((other) => other !== name);
      problems.push(
        problem(['channels', name, 'after'], `no channel is called ${quote(after)}`, suggest(after, others)),
      );
    }
  }
  for (const circle of circles(before))
    problems.push(
      problem(['channels', circle[0]!, 'after'], `goes round in a circle: ${[...circle, circle[0]!].join(' → ')}`),
    );
  return problems;
}

function nameFaults(name: string): string[] {
  if (name === 'latest') return ['"latest" is kept for the newest version; choose another name'];
  if (/^[0-9a-f]+$/.test(name))
    return [`${quote(name)} could be the beginning of a version (hex digits); choose another`];
  return [];
}

/** The circles in a graph where every node has at most one successor. */
function circles(next: ReadonlyMap<string, string>): string[][] {
  const done = new Set<string>();
  const found: string[][] = [];
  for (const start of next.keys()) {
    const trail: string[] = [];
    let node: string | undefined = start;
    while (node !== undefined && !done.has(node)) {
      done.add(node);
      trail.push(node);
      node = next.get(node);
    }
    const entry = node === undefined ? -1 : trail.indexOf(node);
    if (entry >= 0) found.push(trail.slice(entry));
  }
  return found;
}
