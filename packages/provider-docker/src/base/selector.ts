import { BakeError, type Selector } from '@bakehouse/core/provider';
import { formatReference, parseReference } from '../registry/reference.js';

/** A base as the docker provider understands it. */
export type BaseSelector =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'oci' | 'archive'; readonly path: string; readonly reference?: string }
  | { readonly kind: 'rootfs'; readonly path: string }
  /** Normalised as Docker does: `docker.io/library/debian:12`. */
  | { readonly kind: 'registry'; readonly reference: string };

const what = 'scratch, an image reference such as debian:12, oci:PATH[:TAG], archive:PATH[:TAG] or rootfs:PATH';
const digestSuffix = /@sha256:[0-9a-f]{64}$/;
/** Understands a docker target's part of `from`. Throws `ERR_BAKE_SELECTOR_INVALID`. */
export function parseSelector(input: unknown): Selector {
  if (typeof input !== 'string' || input === '') throw invalid(input, `must be ${what}`);
  if (input === 'scratch') return selector('scratch', { kind: 'scratch' });
  const [, kind, rest] = /^(oci|archive|rootfs):(.*)$/s.exec(input) ?? [];
  if (kind !== undefined && rest !== undefined) return fileSelector(input, kind as 'oci' | 'archive' | 'rootfs', rest);
  if (!/[:/]|@sha256:/.test(input)) throw invalid(input, `is no base: it must be ${what}`);
  const reference = formatReference(parseReference(input));
  return selector(reference, { kind: 'registry', reference });
}

/** The selector as the provider understood it. */
export function baseSelector(parsed: Selector): BaseSelector {
  return parsed.value as unknown as BaseSelector;
}

function fileSelector(input: string, kind: 'oci' | 'archive' | 'rootfs', rest: string): Selector {
  const digest = digestSuffix.exec(rest)?.[0];
  const named = digest === undefined ? rest : rest.slice(0, -digest.length);
  const colon = kind === 'rootfs' ? -1 : named.indexOf(':');
  const path = colon < 0 ? named : named.slice(0, colon);
  const reference = digest?.slice(1) ?? (colon < 0 ? undefined : named.slice(colon + 1));
  if (path === '' || path.includes('\0') || reference === '') throw invalid(input, `must be ${kind}:PATH`);
  if (kind === 'rootfs') return selector(input, { kind, path: rest });
  return selector(input, { kind, path, ...(reference === undefined ? {} : { reference }) });
}

function selector(key: string, value: BaseSelector): Selector {
  return { key, value };
}

function invalid(input: unknown, why: string): BakeError {
  const text = typeof input === 'string' ? `"${input}"` : JSON.stringify(input);
  return new BakeError('ERR_BAKE_SELECTOR_INVALID', `${text} ${why}`, {
    data: { selector: typeof input === 'string' ? input : (JSON.stringify(input) ?? null) },
  });
}
