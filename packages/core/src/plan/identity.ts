import { sha256, type Digest, type Version } from './digest.js';
import { canonicalJson } from './json.js';
import type { PlanIdentity } from './types.js';
import type { Check } from '../definition/types.js';

const domain = 'bakehouse/plan/1\n';

/** The version of a plan: `sha256("bakehouse/plan/1\n" + canonical JSON of its identity)`. */
export function versionOf(identity: PlanIdentity): Version {
  const version: string = sha256(domain + canonicalJson(identity));
  return version;
}

/** The digest that check results are recorded under: what is asserted, without names and without whom it is for. */
export function checksDigest(checks: readonly Check[]): Digest {
  const asserted = checks.map(({ name: _name, only: _only, ...assertion }) => assertion);
  return sha256(`bakehouse/checks/1\n${canonicalJson(asserted)}`);
}

/**
 * The same value with members in canonical order and without undefined ones.
 * What is written from a plan (an image's environment, say) then depends on the version alone, not on the order in which
 * somebody wrote the definition.
 */
export function canonical<T>(value: T): T {
  return JSON.parse(canonicalJson(value)) as T;
}
