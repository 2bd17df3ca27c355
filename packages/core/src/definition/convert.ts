import * as path from 'node:path';
import type { Json } from '../plan/json.js';
import { readBakeFile } from './convert-bake.js';
import { loadJson, LoadFailure } from './load-data.js';
import type { Comments } from './source-text.js';

/** What `bake init --from` understands. */
export type SourceKind = 'dockerfile' | 'bake-json' | 'bake-hcl' | 'packer-hcl' | 'packer-json';

/** Where a file that is taken over lies. */
export interface ConvertOptions {
  /** The project's name. */
  readonly name: string;
  /** The file, relative to the definition's folder, `/` separated. */
  readonly file: string;
  /** Whether a path relative to the file is a file or folder: what a Packer template names is an input if it is there. */
  readonly exists?: (path: string) => boolean;
}

/** A definition made from something else, and what a person should know about parts of it. */
export interface Converted {
  readonly definition: Json;
  readonly comments: Comments;
}

const DOCKER = { use: '@bakehouse/provider-docker' };

/** What kind of file this is, by its name and, where that is not enough, its text. */
export function sourceKind(file: string, text: string): SourceKind | undefined {
  const name = path.basename(file).toLowerCase();
  if (name.endsWith('.pkr.hcl')) return 'packer-hcl';
  if (name.endsWith('.pkr.json')) return 'packer-json';
  if (name.endsWith('.json'))
    return /"builders"\s*:/.test(text) ? 'packer-json' : /"target"\s*:/.test(text) ? 'bake-json' : undefined;
  if (name.endsWith('.hcl')) return /^\s*(?:target|group)\s+"/m.test(text) ? 'bake-hcl' : undefined;
  if (/^(?:dockerfile|containerfile)(?:\.|$)|\.(?:dockerfile|containerfile)$/.test(name)) return 'dockerfile';
  return undefined;
}

/**
 * Makes a definition from an existing Dockerfile, docker-bake file or Packer template, which stays as it is and is used.
 * Throws a `LoadFailure` with the line, where known, for what cannot be taken over.
 */
export function initFrom(text: string, kind: SourceKind, options: ConvertOptions): Converted {
  switch (kind) {
    case 'dockerfile':
      return fromDockerfile(text, options);
    case 'bake-json':
    case 'bake-hcl':
      return fromBakeFile(text, kind === 'bake-json' ? 'json' : 'hcl', options);
    case 'packer-hcl':
    case 'packer-json':
      return fromPacker(text, kind, options);
  }
}

function fromDockerfile(text: string, { name, file }: ConvertOptions): Converted {
  if (!/^\s*FROM\s+\S/im.test(text)) throw new LoadFailure('it is no Dockerfile: it has no FROM');
  const folder = path.posix.dirname(file);
  const image = { dockerfile: `./${file}`, ...(folder === '.' ? {} : { context: `./${folder}` }) };
  return {
    definition: { name, providers: { docker: DOCKER }, images: { [name]: image } },
    comments: { [`images.${name}`]: ['Add checks: what a fresh copy must pass before anyone may use it.'] },
  };
}

function fromBakeFile(text: string, form: 'json' | 'hcl', { name, file }: ConvertOptions): Converted {
  if (path.posix.dirname(file) !== '.') throw new LoadFailure('its paths start at its own folder; run init there');
  const { images, vars, leftOut, platform } = readBakeFile(text, form);
  const comments = Object.fromEntries(
    Object.entries(leftOut).map(([image, keys]) => [
      `images.${image}`,
      [
        `Not taken over from ${file}: ${keys.join(', ')}. Tags and outputs are for the provider's registry and for channels.`,
      ],
    ]),
  );
  const docker = platform === undefined ? DOCKER : { ...DOCKER, platform };
  const declared = Object.keys(vars).length === 0 ? {} : { vars };
  return { definition: { name, providers: { docker }, images: images as Json, ...declared }, comments };
}

/** Builders by the beginning of their names, and the provider that makes what they make. */
const BUILDERS: readonly (readonly [prefix: string, target: string, use: string])[] = [
  ['amazon-', 'aws', '@bakehouse/provider-aws'],
  ['googlecompute', 'gcp', '@bakehouse/provider-gcp'],
  ['docker', 'docker', '@bakehouse/provider-docker'],
];

function fromPacker(
  text: string,
  kind: 'packer-hcl' | 'packer-json',
  { name, file, exists }: ConvertOptions,
): Converted {
  if (kind === 'packer-json') loadJson(text);
  const types =
    kind === 'packer-hcl'
      ? Array.from(text.matchAll(/^\s*source\s+"([^"]+)"\s+"/gm), (match) => match[1]!)
      : Array.from(
          text.matchAll(/"type"\s*:\s*"([^"]+)"|"source"\s*:\s*\{\s*"([^"]+)"/g),
          (match) => match[1] ?? match[2]!,
        );
  const known = BUILDERS.find(([prefix]) => types.some((type) => type.startsWith(prefix)));
  if (known === undefined) {
    const found = types.length === 0 ? 'it has no source' : `its sources are ${[...new Set(types)].join(', ')}`;
    throw new LoadFailure(`${found}; there are providers for amazon-*, googlecompute and docker`);
  }
  const [, target, use] = known;
  const folder = path.posix.dirname(file);
  // Whatever the template names and is there is something that it reads.
  const named = new Set(Array.from(text.matchAll(/"((?:[^"\\\n]|\\.)+)"/g), (match) => match[1]!.replace(/^\.\//, '')));
  const inputs = [...named]
    .filter((text) => /^[\w@%+=.-][\w@%+=./ -]*$/.test(text) && !text.split('/').includes('..') && text !== '.')
    .filter((text) => text !== path.posix.basename(file) && exists?.(text) === true)
    .map((text) => path.posix.join(folder, text))
    .sort();
  return {
    definition: {
      name,
      providers: { [target]: { use } },
      images: { [name]: { packer: `./${file}`, inputs: inputs.map((input) => `./${input}`) } },
    },
    comments: {
      [`images.${name}.inputs`]: [
        'All the files that the template reads: what is not listed is not there when it runs.',
      ],
    },
  };
}
