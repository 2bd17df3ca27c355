import { createHash } from 'node:crypto';
import { isDigest, sha256, type Digest } from '../plan/digest.js';
import { canonicalJson } from '../plan/json.js';

/** A sealed document: any JSON object with a schema number and its own digest. */
export interface Sealed {
  readonly schema: number;
  readonly digest: Digest;
}

/** Canonical JSON of `document` with a `digest` member: the sha256 of the canonical JSON without it. */
export function seal(document: { readonly schema: number; readonly [member: string]: unknown }): {
  readonly bytes: Buffer;
  readonly digest: Digest;
} {
  const digest = sha256(canonicalJson(document));
  return { bytes: Buffer.from(canonicalJson({ ...document, digest })), digest };
}

/**
 * The document that `bytes` are the sealed form of; `undefined` where they are not exactly what was sealed.
 * What is hashed are the bytes themselves with the digest member cut out, so that no other spelling of the same
 * document passes, and nothing needs to be written again to compare.
 */
export function unseal(bytes: Uint8Array): Sealed | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let value: unknown;
  try {
    value = JSON.parse(buffer.toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  if (!('digest' in value) || !isDigest(value.digest)) return undefined;
  if (!('schema' in value) || typeof value.schema !== 'number') return undefined;
  return hasSeal(buffer, value.digest) ? (value as Sealed) : undefined;
}

/** A nested document may hold the same member, so every place is tried. */
function hasSeal(buffer: Buffer, digest: Digest): boolean {
  const member = `"digest":"${digest}"`;
  for (let at = buffer.indexOf(member); at !== -1; at = buffer.indexOf(member, at + 1)) {
    const end = at + member.length;
    // The comma that joins it goes with it: the one after, or before where it is the last member.
    const after = buffer[end] === 0x2c;
    const head = buffer.subarray(0, !after && buffer[at - 1] === 0x2c ? at - 1 : at);
    const tail = buffer.subarray(after ? end + 1 : end);
    if (createHash('sha256').update(head).update(tail).digest('hex') === digest) return true;
  }
  return false;
}
