import { isDigest, sha256, type Digest } from '../plan/digest.js';
import { canonicalJson } from '../plan/json.js';
import { decodeTree } from '../tree/tree-object.js';
import { blobIndex, type BlobIndex } from './blob-index.js';
import { contentOf, tombstones } from './blobs.js';
import { isKnown, type LogEvent } from './event-codec.js';
import { eventKey } from './keys.js';
import type { Store } from './store.js';
import { readAll } from './streams.js';
import type { Faults } from './verify-faults.js';

/** Checks that what events need is stored, or was forgotten on purpose. */
export interface Closure {
  readonly index: BlobIndex;
  readonly forgotten: ReadonlySet<Digest>;
  check(event: LogEvent): Promise<void>;
}

/** Reads the index over all packs from the packs themselves. */
export async function openClosure(store: Store, faults: Faults): Promise<Closure> {
  const index = blobIndex(store);
  await index.refresh();
  const forgotten = await tombstones(store);
  const needed = new Set<Digest>();
  const trees = new Set<Digest>();
  const plans = new Map<Digest, Plan | undefined>();

  /** Whether the blob is there. Each is looked for once, and named once. */
  const need = (digest: Digest, from: string): boolean => {
    const there = index.has(digest);
    if (!there && !forgotten.has(digest) && !needed.has(digest))
      faults.add('blob', digest, `it is not stored, and ${from} needs it`);
    needed.add(digest);
    return there;
  };
  /** Bytes of a blob; damage to it is named where packs are checked. */
  const bytesOf = async (digest: Digest): Promise<Buffer | undefined> => {
    const place = index.find(digest);
    const content = place && (await contentOf(store, digest, place).catch(() => undefined));
    if (content === undefined) return undefined;
    return content instanceof Uint8Array ? Buffer.from(content) : readAll(content).catch(() => undefined);
  };
  const checkTree = async (root: Digest, from: string): Promise<void> => {
    const waiting = [root];
    for (let digest = waiting.pop(); digest !== undefined; digest = waiting.pop()) {
      if (trees.has(digest)) continue;
      trees.add(digest);
      if (!need(digest, from)) continue;
      const bytes = await bytesOf(digest);
      const members = bytes && (await faults.guard('tree', digest, () => decodeTree(bytes)));
      for (const member of members ?? []) {
        if (member[0] === 'f') need(member[4], `tree ${digest}`);
        if (member[0] === 'd') waiting.push(member[2]);
      }
    }
  };
  const planOf = async (digest: Digest): Promise<Plan | undefined> => {
    if (plans.has(digest)) return plans.get(digest);
    const bytes = await bytesOf(digest);
    const plan = bytes && (await faults.guard('plan', digest, () => readPlan(bytes)));
    if (plan !== undefined && plan.computed !== plan.version)
      faults.add('plan', digest, `it says to be of version ${plan.version}, but its identity is of ${plan.computed}`);
    plans.set(digest, plan);
    return plan;
  };

  return {
    index,
    forgotten,
    async check(event) {
      const from = eventKey(`${event.project}/${event.image}`, event.sequence);
      for (const digest of blobsOf(event)) need(digest, from);
      if (!isKnown(event) || (event.type !== 'built' && event.type !== 'failed')) return;
      const { payload } = event;
      if (payload.plan === null) return;
      const plan = await planOf(payload.plan);
      if (plan === undefined) return;
      if (plan.version !== payload.version)
        faults.add('plan', payload.plan, `it is of version ${plan.version}, but ${from} is of ${payload.version}`);
      if (event.type !== 'built') return;
      // A file may begin as tree objects do, so the plan says which inputs are trees.
      for (const input of event.payload.inputs) if (plan.trees.has(input)) await checkTree(input, from);
    },
  };
}

interface Plan {
  readonly version: string;
  readonly computed: string;
  readonly trees: ReadonlySet<Digest>;
}

function readPlan(bytes: Buffer): Plan {
  const plan = JSON.parse(bytes.toString('utf8')) as { version: string; identity: { steps?: readonly PlanInputs[] } };
  const trees = new Set<Digest>();
  for (const step of plan.identity.steps ?? []) {
    if (isDigest(step.source?.tree)) trees.add(step.source.tree);
    if (isDigest(step.inputs)) trees.add(step.inputs);
  }
  return { version: plan.version, computed: sha256(`bakehouse/plan/1\n${canonicalJson(plan.identity)}`), trees };
}

interface PlanInputs {
  readonly source?: { readonly tree?: unknown };
  readonly inputs?: unknown;
}

/** Blobs that an event names. */
function blobsOf(event: LogEvent): readonly Digest[] {
  if (!isKnown(event)) return [];
  const some = (...digests: readonly (Digest | null)[]): readonly Digest[] =>
    digests.filter((digest) => digest !== null);
  switch (event.type) {
    case 'built': {
      const { plan, definition, inputs, log, packages } = event.payload;
      return some(plan, definition, ...inputs, log, packages);
    }
    case 'checked':
      return [event.payload.report];
    case 'rebuilt':
      return some(event.payload.differences, event.payload.log);
    case 'failed':
      return some(event.payload.plan, event.payload.log);
    default:
      return [];
  }
}
