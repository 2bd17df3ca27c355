import { BakeError, type JsonObject, type Selector } from '@bakehouse/core/provider';

/** A base as the docker provider understands it. */
export type BaseSelector =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'oci' | 'archive'; readonly path: string; readonly reference?: string }
  | { readonly kind: 'rootfs'; readonly path: string }
  /** Normalised as Docker does: `docker.io/library/debian:12`. */
  | { readonly kind: 'registry'; readonly reference: string };

const what = 'scratch, an image reference such as debian:12, oci:PATH[:TAG], archive:PATH[:TAG] or rootfs:PATH';
const digestSuffix = /@sha256:[0-9a-f]{64}$/;
const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const referencePattern = new RegExp(
  `^(?:(?<host>[a-zA-Z0-9.-]+(?::\\d+)?|\\[[0-9a-fA-F:]+\\](?::\\d+)?)/)?(?<path>${component}(?:/${component})*)` +
    `(?::(?<tag>\\w[\\w.-]{0,127}))?(?<digest>@sha256:[0-9a-f]{64})?$`,
);

/** Understands a docker target's part of `from`. Throws `ERR_BAKE_SELECTOR_INVALID`. */
export function parseSelector(input: unknown): Selector {
  if (typeof input !== 'string' || input === '') throw invalid(input, `must be ${what}`);
  if (input === 'scratch') return selector('scratch', { kind: 'scratch' });
  const [, kind, rest] = /^(oci|archive|rootfs):(.*)$/s.exec(input) ?? [];
  if (kind !== undefined && rest !== undefined) return fileSelector(input, kind as 'oci' | 'archive' | 'rootfs', rest);
  if (!/[:/]|@sha256:/.test(input)) throw invalid(input, `is no base: it must be ${what}`);
  const reference = normalise(input);
  if (reference === undefined) throw invalid(input, 'is not an image reference');
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

/** As Docker: the first part is a host where it has a dot or a port or is `localhost`; else Docker Hub is meant. */
function normalise(input: string): string | undefined {
  const slash = input.indexOf('/');
  const first = slash < 0 ? '' : input.slice(0, slash);
  const isHost = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  const full = isHost ? input : `docker.io/${slash < 0 ? `library/${input}` : input}`;
  const groups = referencePattern.exec(full)?.groups;
  if (groups?.['host'] === undefined) return undefined;
  return groups['tag'] === undefined && groups['digest'] === undefined ? `${full}:latest` : full;
}

function selector(key: string, value: BaseSelector): Selector {
  return { key, value: value as JsonObject };
}

function invalid(input: unknown, why: string): BakeError {
  const text = typeof input === 'string' ? `"${input}"` : JSON.stringify(input);
  return new BakeError('ERR_BAKE_SELECTOR_INVALID', `${text} ${why}`, {
    data: { selector: typeof input === 'string' ? input : (JSON.stringify(input) ?? null) },
  });
}
