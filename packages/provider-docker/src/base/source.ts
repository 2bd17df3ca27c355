import { createHash } from 'node:crypto';
import { BakeError, type OciDigest } from '@bakehouse/core/provider';
import type { ImageConfig } from '../image/types.js';
import { parsePlatform, platformDistance } from '../registry/platform.js';

/** A base as it is found, before its layers are in the state folder. */
export interface BaseSource {
  /** What enters identity: the configuration's digest, or the diffID of a bare root file system. */
  readonly id: OciDigest;
  readonly config: ImageConfig;
  /** The configuration as it is written; absent for a bare root file system. */
  readonly configBytes?: Uint8Array;
  readonly layers: readonly BaseLayer[];
  close(): void;
}

export interface BaseLayer {
  readonly diffId: OciDigest;
  /** The bytes as they are kept, maybe compressed. */
  read(): AsyncIterable<Uint8Array>;
}

/** The configuration in a document, checked as far as the assembler relies on it. Throws `ERR_BAKE_BASE_INVALID`. */
export function parseImageConfig(bytes: Uint8Array, what: string): ImageConfig {
  const config = parseDocument(bytes, what) as Partial<ImageConfig>;
  const ids: unknown = config.rootfs?.diff_ids;
  if (
    typeof config.architecture !== 'string' ||
    typeof config.os !== 'string' ||
    !Array.isArray(ids) ||
    !ids.every((id) => typeof id === 'string' && /^sha256:[0-9a-f]{64}$/.test(id))
  )
    throw invalidBase(what, 'is not an image configuration');
  return config as ImageConfig;
}

/** Parses JSON. Throws `ERR_BAKE_BASE_INVALID`. */
export function parseDocument(bytes: Uint8Array, what: string): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch (error) {
    throw invalidBase(what, 'is not JSON', error);
  }
  throw invalidBase(what, 'is not an object');
}

/** Throws `ERR_BAKE_BASE_PLATFORM` where a configuration is for another platform. */
export function requirePlatform(config: ImageConfig, platform: string, what: string): void {
  if (platformDistance(parsePlatform(platform), config) === undefined)
    throw wrongPlatform(what, platform, [platformText(config)]);
}

/** `os/architecture[/variant]`, as far as it is said. */
export function platformText(found: {
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
}): string {
  return [found.os, found.architecture, found.variant].filter((part) => part !== undefined && part !== '').join('/');
}

export function wrongPlatform(what: string, platform: string, available: readonly string[]): BakeError {
  return new BakeError('ERR_BAKE_BASE_PLATFORM', `${what} is not for ${platform}; it is for ${available.join(', ')}`, {
    data: { platform, available },
  });
}

export function invalidBase(what: string, why: string, cause?: unknown): BakeError {
  return new BakeError('ERR_BAKE_BASE_INVALID', `${what} ${why}`, { cause });
}

export function unknownBase(message: string, hint?: string, cause?: unknown): BakeError {
  return new BakeError('ERR_BAKE_BASE_UNKNOWN', message, { ...(hint === undefined ? {} : { hint }), cause });
}

export function ociDigest(bytes: Uint8Array): OciDigest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Passes bytes on and checks at the end that they were those of the digest. Throws `ERR_BAKE_BASE_INVALID`. */
export async function* checked(
  pieces: AsyncIterable<Uint8Array>,
  digest: string,
  what: string,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const piece of pieces) {
    hash.update(piece);
    yield piece;
  }
  if (`sha256:${hash.digest('hex')}` !== digest) throw invalidBase(what, `is damaged: ${digest} has other bytes`);
}
