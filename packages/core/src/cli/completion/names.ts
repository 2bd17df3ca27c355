import type { Definition } from '../../definition/types.js';
import { short } from '../../plan/digest.js';
import { given, type Input } from '../command.js';
import type { CliHost } from '../types.js';
import type { Candidate } from './complete.js';

/** Names that the definition or the catalog knows. */
export type NameKind = 'image' | 'target' | 'channel' | 'ref' | 'branch';

export interface Place {
  readonly host: CliHost;
  readonly cwd: string;
  readonly input: Input;
}

/** How many versions are offered. */
const versionsOffered = 20;

/** Names of a kind. Only what is in the catalog needs the whole project to be opened. */
export async function projectNames(place: Place, kind: NameKind, current: string): Promise<readonly Candidate[]> {
  if (kind === 'branch') return branches(place);
  const definition = await place.host.loadDefinition(given({ cwd: place.cwd, config: place.input.text('config') }));
  if (kind === 'ref') return refs(place, definition, current);
  if (kind === 'channel') return channelsOf(definition).map((value) => ({ value, about: 'channel' }));
  if (kind === 'target') return Object.entries(definition.providers).map(([value, { use }]) => ({ value, about: use }));
  return Object.keys(definition.images).map((value) => ({ value, about: 'image' }));
}

function channelsOf({ channels = [] }: Definition): readonly string[] {
  return isList(channels) ? channels : Object.keys(channels);
}

const isList = (channels: NonNullable<Definition['channels']>): channels is readonly string[] =>
  Array.isArray(channels);

/** Images, and once one is typed with its `@`, what it points to by name, and its newest versions. */
async function refs(place: Place, definition: Definition, current: string): Promise<readonly Candidate[]> {
  const at = current.indexOf('@');
  if (at < 0) {
    return Object.keys(definition.images).flatMap((image) => [
      { value: image, about: 'newest on this branch' },
      { value: `${image}@`, about: 'a version' },
    ]);
  }
  const image = current.slice(0, at);
  const named = [
    { value: `${image}@latest`, about: 'newest on the default branch' },
    ...channelsOf(definition).map((channel) => ({ value: `${image}@${channel}`, about: 'channel' })),
  ];
  if (!Object.hasOwn(definition.images, image)) return [];
  const { versions } = await history(place, { image });
  return [
    ...named,
    ...versions.map(({ version, branch, state, createdAt }) => ({
      value: `${image}@${short(version)}`,
      about: `${createdAt.slice(0, 10)} ${branch} ${state}`,
    })),
  ];
}

async function branches(place: Place): Promise<readonly Candidate[]> {
  const { versions } = await history(place, {});
  return [...new Set(versions.map(({ branch }) => branch))].map((value) => ({ value, about: 'branch' }));
}

async function history(
  { host, cwd, input }: Place,
  options: { readonly image?: string },
): ReturnType<Awaited<ReturnType<CliHost['openProject']>>['history']> {
  const open = given({ config: input.text('config'), catalog: input.text('catalog') });
  const bake = await host.openProject({ cwd, env: host.env, ...open });
  try {
    return await bake.history({ ...options, limit: versionsOffered });
  } finally {
    await bake.close();
  }
}
