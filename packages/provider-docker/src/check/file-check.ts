import { createHash } from 'node:crypto';
import {
  isBakeError,
  type CheckOutput,
  type CheckResult,
  type FileCheck,
  type NamedCheck,
} from '@bakehouse/core/provider';
import { lookUpOwner } from '../rootfs/accounts.js';
import type { FileNode, Node } from '../rootfs/nodes.js';
import { readLayerFile } from '../rootfs/read-file.js';
import type { View, ViewLayer } from '../rootfs/view.js';
import { breathe, throwIfAborted } from '../store/abort.js';
import type { StateFolder } from '../store/state.js';

/** What checks on layers look at. */
export interface CheckedImage {
  readonly state: StateFolder;
  readonly view: View;
  readonly signal: AbortSignal;
  /** Rehashes a layer before its bytes are judged; once per layer. Throws `ERR_BAKE_ARTIFACT_CORRUPT`. */
  verify(layer: ViewLayer): Promise<void>;
}

/** Runs `file` checks on the merged layers. All other kinds need the image to run, and are not run here. */
export async function checkFiles(image: CheckedImage, checks: readonly NamedCheck[]): Promise<CheckOutput> {
  const results: CheckResult[] = [];
  for (const { name, check } of checks) {
    throwIfAborted(image.signal);
    const began = performance.now();
    if (!('file' in check)) {
      results.push({ name, outcome: 'notRun', detail: 'needs a container engine', milliseconds: 0 });
      continue;
    }
    const fault = await judge(image, check);
    results.push({
      name,
      outcome: fault === undefined ? 'passed' : 'failed',
      detail: fault ?? null,
      milliseconds: Math.round(performance.now() - began),
    });
  }
  return { checks: results };
}

/** Why a check fails; `undefined` where it passes. */
async function judge(image: CheckedImage, check: FileCheck): Promise<string | undefined> {
  const located = locate(image.view, check.file);
  if ('fault' in located) return check.exists === false ? undefined : located.fault;
  const { node, path } = located;
  if (check.exists === false) return `${check.file} exists: it is a ${nameOfType(node)}`;
  if (check.mode !== undefined) {
    const mode = 'mode' in node ? node.mode : 0o777;
    if (mode !== Number.parseInt(check.mode, 8))
      return `mode is ${octal(mode)}, not ${octal(Number.parseInt(check.mode, 8))}`;
  }
  const ownerFault = check.owner === undefined ? undefined : judgeOwner(image.view, node, check.owner);
  if (ownerFault !== undefined) return ownerFault;
  if (check.sha256 === undefined && check.contains === undefined) return undefined;
  const layer = image.view.locate(path)?.layer;
  if (node.type !== 'file' || layer === undefined) return `${check.file} is a ${nameOfType(node)}, not a file`;
  await image.verify(layer);
  return judgeContent(image, layer, node, check);
}

function locate(view: View, file: string): { readonly node: Node; readonly path: string } | { readonly fault: string } {
  try {
    const { node, path } = view.resolve(file);
    if (node !== undefined) return { node, path };
    const whole = file.split('/').filter(Boolean).join('/');
    return { fault: path === whole ? `${file} does not exist` : `${file} leads to /${path}, which does not exist` };
  } catch (error) {
    if (!isBakeError(error)) throw error;
    return { fault: error.message };
  }
}

function judgeOwner(view: View, node: Node, wanted: string): string | undefined {
  try {
    const owner = lookUpOwner(wanted, view);
    const groupMatters = wanted.includes(':');
    if (node.uid === owner.uid && (!groupMatters || node.gid === owner.gid)) return undefined;
    const found = groupMatters ? `${node.uid}:${node.gid}` : String(node.uid);
    const expected = groupMatters ? `${owner.uid}:${owner.gid}` : String(owner.uid);
    return `owner is ${found}, not ${wanted}${wanted === expected ? '' : ` (${expected})`}`;
  } catch (error) {
    if (!isBakeError(error)) throw error;
    return error.message;
  }
}

async function judgeContent(
  image: CheckedImage,
  layer: ViewLayer,
  node: FileNode,
  check: FileCheck,
): Promise<string | undefined> {
  const hash = createHash('sha256');
  const wanted = Buffer.from(check.contains ?? '');
  let found = check.contains === undefined || wanted.length === 0;
  let tail = Buffer.alloc(0);
  let pieces = 0;
  for (const piece of readLayerFile(image.state, layer, node)) {
    hash.update(piece);
    if (!found) {
      // The text may lie across two pieces.
      const joined = Buffer.concat([tail, piece]);
      found = joined.includes(wanted);
      tail = joined.subarray(Math.max(0, joined.length - wanted.length + 1));
    }
    pieces += 1;
    if (pieces % 16 === 0) await breathe(image.signal);
  }
  const digest = hash.digest('hex');
  if (check.sha256 !== undefined && digest !== check.sha256) return `sha256 is ${digest}, not ${check.sha256}`;
  return found ? undefined : `${check.file} (${node.size} bytes) does not contain ${JSON.stringify(check.contains)}`;
}

function nameOfType(node: Node): string {
  return node.type === 'other' ? 'device or pipe' : node.type;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
