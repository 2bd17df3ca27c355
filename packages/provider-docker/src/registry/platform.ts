import { BakeError } from '@bakehouse/core/provider';

/** What an index or a configuration says of a platform. */
export interface FoundPlatform {
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
}

/** A platform as containerd normalises it: `variant` is empty for amd64 v1 and arm64 v8, never empty for arm. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string;
}

const architectures: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
  i386: '386',
  armhf: 'arm/v7',
  armel: 'arm/v6',
};
const baseline: Readonly<Record<string, string>> = { amd64: 'v1', arm64: 'v8' };

/** Understands `os/architecture[/variant]`. Throws `ERR_BAKE_BASE_PLATFORM`. */
export function parsePlatform(text: string): Platform {
  const [os = '', architecture = '', variant, ...more] = text.toLowerCase().split('/');
  if (os === '' || architecture === '' || variant === '' || more.length > 0)
    throw new BakeError('ERR_BAKE_BASE_PLATFORM', `"${text}" is not a platform`, {
      hint: 'Platforms are os/architecture[/variant], such as linux/amd64 or linux/arm/v7.',
      data: { platform: text, available: [] },
    });
  return normalisePlatform({ os, architecture, ...(variant === undefined ? {} : { variant }) });
}

/** As `github.com/containerd/platforms` does it. */
export function normalisePlatform({ os = '', architecture = '', variant = '' }: FoundPlatform): Platform {
  const [name = '', implied] = (architectures[architecture] ?? architecture).split('/');
  const given = variant.replace(/^(?=\d)/, 'v');
  if (name === 'arm') return { os, architecture: name, variant: implied ?? (given === '' ? 'v7' : given) };
  return { os, architecture: name, variant: given === baseline[name] ? '' : given };
}

/**
 * How well an image for `found` serves on `wanted`: 0 is exact, higher is an older variant that still runs, `undefined` not
 * at all. An older variant of the same architecture is taken, the newest first; never another architecture
 * (386 on amd64, arm on arm64), which would be another image without anyone having asked.
 */
export function platformDistance(wanted: Platform, found: FoundPlatform): number | undefined {
  const { os, architecture, variant } = normalisePlatform(found);
  if (os !== wanted.os || architecture !== wanted.architecture) return undefined;
  if (variant === wanted.variant) return 0;
  const least = baseline[architecture] ?? (architecture === 'arm' ? 'v5' : undefined);
  const distance = versionOf(wanted.variant, least) - versionOf(variant, least);
  return distance > 0 && versionOf(variant, least) >= versionOf(least ?? '', least) ? distance : undefined;
}

/** The platform that a document has in it. */
export function foundPlatform(document: object): FoundPlatform {
  const members = ['os', 'architecture', 'variant'].map((name) => [name, (document as Record<string, unknown>)[name]]);
  return Object.fromEntries(members.filter(([, value]) => typeof value === 'string')) as FoundPlatform;
}

/** For people. */
export function formatPlatform({ os, architecture, variant }: FoundPlatform): string {
  return [os ?? '?', architecture ?? '?', variant].filter((part) => part !== undefined && part !== '').join('/');
}

/** The number of a variant, `NaN` for what has none: comparisons with it are false. */
function versionOf(variant: string, least: string | undefined): number {
  const text = variant === '' ? (least ?? '') : variant;
  return /^v\d+$/.test(text) ? Number(text.slice(1)) : NaN;
}
