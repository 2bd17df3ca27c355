import {
  BakeError,
  canonicalJson,
  sha256,
  type Artifact,
  type BuildRequest,
  type ContainerConfig,
  type Content,
  type InputReader,
  type Plan,
  type PlanBase,
  type PlanStep,
  type ResolvedBase,
  type Selector,
  type TreeEntry,
} from '@bakehouse/core/provider';

/** A file, folder or link of a copied tree: text, `null` for a folder, or what it says. */
export type TreeItem =
  | string
  | null
  | { readonly link: string }
  | { readonly text: string | Uint8Array; readonly mode: '0644' | '0755' }
  | { readonly size: number; readonly digest: string; read(): Content };

/** A tree by path; folders above are added. */
export type Tree = Readonly<Record<string, TreeItem>>;

/** A step of a plan and what it reads. */
export type StepInput =
  | {
      readonly copy: Tree | { readonly file: string; readonly item: TreeItem };
      readonly to: string;
      readonly owner?: string;
      readonly mode?: string;
    }
  | { readonly fetch: Uint8Array; readonly to: string; readonly mode?: string; readonly unpack?: true }
  | { readonly run: string };

export interface PlanInput {
  readonly steps?: readonly StepInput[];
  readonly config?: ContainerConfig;
  readonly base?: PlanBase;
  readonly platform?: string;
  readonly engine?: string;
  readonly project?: string;
  readonly image?: string;
  readonly target?: string;
  readonly source?: Plan['identity']['source'];
}

/** The entries of a tree as an input reader gives them: folders before what they hold. */
export function treeEntries(tree: Tree): readonly TreeEntry[] {
  const entries = new Map<string, TreeEntry>();
  for (const path of Object.keys(tree).sort()) {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth += 1) {
      const folder = parts.slice(0, depth).join('/');
      if (!entries.has(folder)) entries.set(folder, { type: 'folder', path: folder });
    }
    entries.set(path, entryOf(path, tree[path] ?? null));
  }
  return [...entries.values()];
}

export function entryOf(path: string, item: TreeItem): TreeEntry {
  if (item === null) return { type: 'folder', path };
  if (typeof item === 'object' && 'link' in item) return { type: 'link', path, target: item.link };
  if (typeof item === 'object' && 'size' in item)
    return { type: 'file', path, mode: '0644', size: item.size, digest: item.digest, read: () => item.read() };
  const { text, mode } = typeof item === 'string' ? { text: item, mode: '0644' as const } : item;
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  return { type: 'file', path, mode, size: bytes.length, digest: sha256(bytes), read: () => bytes };
}

/** A plan as core makes it, and the reader of its inputs. */
export function aPlan(input: PlanInput = {}): { readonly plan: Plan; readonly inputs: InputReader } {
  const steps = input.steps ?? [];
  const trees = steps.map((step) =>
    'copy' in step ? (isSingle(step.copy) ? [entryOf(step.copy.file, step.copy.item)] : treeEntries(step.copy)) : [],
  );
  const blobs = new Map(steps.flatMap((step) => ('fetch' in step ? [[sha256(step.fetch), step.fetch] as const] : [])));
  const identity: Plan['identity'] = {
    provider: { kind: 'docker', options: {} },
    platform: input.platform ?? 'linux/amd64',
    engine: { name: input.engine ?? 'assembler', revision: 1 },
    base: input.base ?? { kind: 'scratch' },
    steps: steps.map((step, index) => planStep(step, trees[index] ?? [])),
    ...(input.config === undefined ? {} : { config: input.config }),
    ...(input.source === undefined ? {} : { source: input.source }),
  };
  const version: string = sha256(`bakehouse/plan/1\n${canonicalJson(identity)}`);
  const plan: Plan = {
    schema: 1,
    project: input.project ?? 'shop',
    image: input.image ?? 'web',
    target: input.target ?? 'docker',
    version,
    identity,
    origin: { selector: 'scratch' },
    steps: steps.map((step) => ({
      name: 'copy' in step ? `copy → ${step.to}` : 'fetch' in step ? `fetch → ${step.to}` : `run ${step.run}`,
    })),
    checks: [],
    checksDigest: sha256('[]'),
    labels: {},
    mutable: [],
  };
  return {
    plan,
    inputs: {
      entries: (step) => trees[step] ?? [],
      blob: (digest) => {
        const bytes = blobs.get(digest);
        if (bytes === undefined) return Promise.reject(new BakeError('ERR_BAKE_BLOB_MISSING', `${digest} is not here`));
        return Promise.resolve({ size: bytes.length, content: bytes });
      },
    },
  };
}

export interface RequestInput extends PlanInput {
  readonly selector?: Selector;
  readonly resolved?: ResolvedBase;
  readonly parent?: Artifact;
  readonly signal?: AbortSignal;
  readonly inputs?: Partial<InputReader>;
  readonly log?: BuildRequest['log'];
}

/** A build request as core makes it. */
export function aRequest(input: RequestInput = {}): BuildRequest {
  const base: PlanBase | undefined =
    input.base ??
    (input.parent === undefined
      ? input.resolved === undefined
        ? undefined
        : { kind: 'external', id: input.resolved.id }
      : { kind: 'image', version: input.parent.version });
  const { plan, inputs } = aPlan(base === undefined ? input : { ...input, base });
  return {
    plan,
    inputs: { ...inputs, ...input.inputs },
    parent: input.parent,
    selector: input.selector,
    base: input.resolved,
    secrets: {},
    run: 'run-1',
    signal: input.signal ?? new AbortController().signal,
    progress: () => undefined,
    log: input.log ?? (() => undefined),
  };
}

function planStep(step: StepInput, entries: readonly TreeEntry[]): PlanStep {
  if ('run' in step) return { kind: 'run', run: [step.run] };
  const mode = step.mode === undefined ? {} : { mode: step.mode };
  if ('fetch' in step)
    return {
      kind: 'fetch',
      sha256: sha256(step.fetch),
      to: step.to,
      ...mode,
      ...(step.unpack === true ? { unpack: true } : {}),
    };
  const owner = step.owner === undefined ? {} : { owner: step.owner };
  const [first] = entries;
  if (isSingle(step.copy) && first?.type === 'file')
    return {
      kind: 'copy',
      source: { file: first.digest, name: first.path, mode: first.mode, size: first.size },
      to: step.to,
      ...owner,
      ...mode,
    };
  const tree = sha256(JSON.stringify(entries.map((entry) => ({ ...entry, read: undefined }))));
  return { kind: 'copy', source: { tree }, to: step.to, ...owner, ...mode };
}

/** Whether a copy is of a single file. */
export function isSingle(copy: Tree | { readonly file: string; readonly item: TreeItem }): copy is {
  readonly file: string;
  readonly item: TreeItem;
} {
  return 'file' in copy && 'item' in copy;
}
