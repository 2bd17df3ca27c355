import { BakeError, type OciDigest } from '@bakehouse/core/provider';
import type { Reference } from './types.js';

// The grammar of github.com/distribution/reference, which Docker uses.
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const registryPattern = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[0-9a-fA-F:]+\\])(?::[0-9]{1,5})?$`);
const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const repositoryPattern = new RegExp(`^${component}(?:/${component})*$`);
const tagPattern = /^\w[\w.-]{0,127}$/;
const longestRepository = 255;

const hub = 'docker.io';

/**
 * Understands `[REGISTRY/]REPOSITORY[:TAG][@DIGEST]` as Docker does: the first part is a registry where it has a `.` or a
 * `:`, is `localhost` or has capitals, else Docker Hub is meant; an official image there is in `library/`; `latest` is the
 * tag where there is neither tag nor digest. Throws `ERR_BAKE_SELECTOR_INVALID`.
 */
export function parseReference(text: string): Reference {
  const at = text.indexOf('@');
  const named = at < 0 ? text : text.slice(0, at);
  const digest = at < 0 ? undefined : parseDigest(text, text.slice(at + 1));
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const name = colon < 0 ? named : named.slice(0, colon);
  const tag = colon < 0 ? (digest === undefined ? 'latest' : undefined) : named.slice(colon + 1);
  if (tag !== undefined && !tagPattern.test(tag)) throw invalid(text, `"${tag}" is not a tag`);

  const { registry, path } = splitName(name);
  if (!registryPattern.test(registry)) throw invalid(text, `"${registry}" is not a registry`);
  if (path === '') throw invalid(text, 'it names no repository');
  if (path !== path.toLowerCase()) throw invalid(text, 'a repository is written in lower case');
  if (!repositoryPattern.test(path)) throw invalid(text, `"${path}" is not a repository`);
  if (/^[0-9a-f]{64}$/.test(name)) throw invalid(text, 'an image id does not say where the image is');
  const repository = registry === hub && !path.includes('/') ? `library/${path}` : path;
  if (repository.length > longestRepository)
    throw invalid(text, `a repository has at most ${longestRepository} characters`);
  return { registry, repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** The whole reference, registry included: `parseReference` gives the same again. */
export function formatReference({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** What a manifest is asked for by. */
export function tagOrDigest({ tag = 'latest', digest }: Reference): string {
  return digest ?? tag;
}

/** Whether a registry is on this machine: the only ones that may be spoken to without TLS. */
export function isLoopback(registry: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i.test(registry);
}

/** The host that answers for a registry. */
export function hostOf(registry: string): string {
  return registry === hub ? 'registry-1.docker.io' : registry;
}

/** What Docker keeps the credentials of a registry under. */
export function credentialKey(registry: string): string {
  return registry === hub ? 'https://index.docker.io/v1/' : registry;
}

/** The registry that credentials under a key are for: older entries are URLs. */
export function registryOfKey(key: string): string {
  const host = key.replace(/^https?:\/\//, '').replace(/\/.*$/s, '');
  return ['index.docker.io', 'registry-1.docker.io'].includes(host) ? hub : host;
}

function splitName(name: string): { readonly registry: string; readonly path: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isRegistry = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  if (!isRegistry) return { registry: hub, path: name };
  return { registry: first === 'index.docker.io' ? hub : first, path: name.slice(slash + 1) };
}

function parseDigest(text: string, digest: string): OciDigest {
  if (/^sha256:[0-9a-f]{64}$/.test(digest)) return digest as OciDigest;
  throw invalid(text, `"${digest}" is not a digest: it must be sha256: and 64 hex digits in lower case`);
}

function invalid(text: string, why: string): BakeError {
  return new BakeError('ERR_BAKE_SELECTOR_INVALID', `"${text}" is not an image reference: ${why}`, {
    hint: 'References look like debian:12, registry.example.com:5000/team/app:1.2 or name@sha256:….',
    data: { selector: text },
  });
}
