import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { BakeError } from '../../errors/index.js';
import type { Plan } from '../../plan/types.js';
import type {
  Artifact,
  ArtifactKey,
  ArtifactRequest,
  BuildRequest,
  Provider,
  ProviderContext,
} from '../../provider/types.js';
import type { InputReader } from '../../tree/types.js';
import type { ContractImage, ProviderContractOptions } from '../provider-contract.js';
import { watched, type MomentKind } from './moments.js';

/** How one build of a test differs from an undisturbed one. */
export interface BuildTrial {
  readonly signal?: AbortSignal;
  /** Called at each progress report, log line and use of the inputs. */
  onMoment?(kind: MomentKind): void;
}

/** What a provider shows of its work: what an interrupted build must not change. */
export interface Inventory {
  readonly artifacts: readonly string[];
  readonly leftovers: readonly string[];
}

/** One test's provider, in a context of its own. */
export interface Session {
  readonly provider: Provider;
  readonly context: ProviderContext;
  readonly request: ArtifactRequest;
  /** Another provider in the same context: what another process would have. */
  readonly open: () => Provider;
  /** The plan of an image, with its base resolved. */
  readonly plan: (image: ContractImage) => Promise<Plan>;
  /** Builds the image that this one stands on, if any, unless it is there. */
  readonly prepare: (image: ContractImage) => Promise<Artifact | undefined>;
  /** Builds an image, and before it the image that it stands on. */
  readonly build: (image: ContractImage, trial?: BuildTrial) => Promise<Artifact>;
  readonly inventory: () => Promise<Inventory>;
}

/** A signal that is never aborted. */
export const never: AbortSignal = new AbortController().signal;

const noInputs: InputReader = {
  entries(step) {
    throw new BakeError('ERR_BAKE_INPUT_MISSING', `step ${step} has no inputs`);
  },
  async blob(digest) {
    throw new BakeError('ERR_BAKE_BLOB_MISSING', `no blob ${digest}`);
  },
};

/** Runs a test with a session, and removes afterwards what it built. */
export async function inSession<Options>(
  options: ProviderContractOptions<Options>,
  test: (session: Session) => Promise<void>,
): Promise<void> {
  const { plugin, images } = options;
  const context = await options.makeContext();
  const opened: Provider[] = [];
  const built = new Map<string, Artifact>();
  const open = (): Provider => {
    const provider = plugin.create(plugin.parseOptions(options.options), context);
    opened.push(provider);
    return provider;
  };
  const provider = open();

  const resolved = async (image: ContractImage): Promise<Pick<BuildRequest, 'plan' | 'selector' | 'base'>> => {
    const selector = image.selector === undefined ? undefined : plugin.parseSelector(image.selector);
    const base = selector && (await provider.resolveBase(selector, never));
    if (typeof image.plan !== 'function') return { plan: image.plan, selector, base };
    assert(base, 'an image whose plan is a function of its base needs a selector');
    return { plan: image.plan(base), selector, base };
  };
  const prepare = async (child: ContractImage): Promise<Artifact | undefined> => {
    const { plan } = await resolved(child);
    const { base } = plan.identity;
    if (base.kind !== 'image') return undefined;
    for (const image of images) {
      const candidate = (await resolved(image)).plan;
      if (candidate.version === base.version)
        return (await provider.find(keyOf(candidate), never)) ?? session.build(image);
    }
    return assert.fail(`no image of the list has the version that ${plan.image} stands on`);
  };
  const session: Session = {
    provider,
    context,
    request: { run: `contract-${randomUUID()}`, signal: never, log() {} },
    open,
    plan: async (image) => (await resolved(image)).plan,
    prepare,
    async build(image, trial = {}) {
      const parent = await prepare(image);
      const artifact = await provider.build({
        ...(await resolved(image)),
        parent,
        inputs: watched(image.inputs ?? noInputs, () => trial.onMoment?.('input')),
        secrets: image.secrets ?? {},
        run: `contract-${randomUUID()}`,
        signal: trial.signal ?? never,
        progress: () => trial.onMoment?.('report'),
        log: () => trial.onMoment?.('report'),
      });
      built.set(artifact.id, artifact);
      return artifact;
    },
    async inventory() {
      const artifacts = provider.list ? await collected(provider.list(never)) : [];
      const leftovers = provider.leftovers ? await collected(provider.leftovers(never)) : [];
      const names = artifacts.map(({ project, image, target, version, id }) =>
        [project, image, target, version, id].join(' '),
      );
      return { artifacts: names.sort(), leftovers: leftovers.map(({ kind, id }) => `${kind} ${id}`).sort() };
    },
  };
  try {
    await test(session);
  } finally {
    for (const artifact of [...built.values()].reverse()) await provider.remove(artifact, never);
    for (const one of opened) await one[Symbol.asyncDispose]();
  }
}

/** The key of what a plan builds. */
export function keyOf({ project, image, target, version }: Plan | Artifact): ArtifactKey {
  return { project, image, target, version };
}

/** All that an iterable gives. */
export async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** How a promise ended. */
export async function settled<T>(promise: Promise<T>): Promise<{ readonly value: T } | { readonly error: unknown }> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}
