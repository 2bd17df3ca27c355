import * as crypto from 'node:crypto';

declare const kind: unique symbol;

/** A sha256 as 64 lower-case hex digits: the address of a blob, a tree, an event. */
export type Digest = string & { readonly [kind]?: 'digest' };

/** The digest of a plan's identity, 64 lower-case hex digits; people see the first 12. */
export type Version = string & { readonly [kind]?: 'version' };

/** A digest as OCI documents write it: `sha256:` and 64 hex digits. */
export type OciDigest = `sha256:${string}`;

/** The sha256 of a string (as UTF-8) or of bytes. One native call where Node has `crypto.hash` (>= 20.12). */
export function sha256(data: string | Uint8Array): Digest {
  return crypto.hash('sha256', data, 'hex');
}

/** How people see a version: its first 12 digits. */
export function short(version: Version): string {
  return version.slice(0, 12);
}

/** Whether `text` is a whole digest: 64 lower-case hex digits. */
export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && /^[0-9a-f]{64}$/.test(text);
}
