import { sha256 } from '../plan/digest.js';
import type { NewBlob } from './types.js';

/** A blob of bytes that are at hand; a string is its UTF-8. */
export function blobOf(bytes: string | Uint8Array): NewBlob {
  const data = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  return { digest: sha256(data), size: data.length, read: () => data };
}
