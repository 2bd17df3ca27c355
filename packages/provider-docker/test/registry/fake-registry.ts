// A registry in this process, with faults to order.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { OciDigest } from '@bakehouse/core/provider';
import type { Descriptor } from '../../src/registry/index.js';

export const ociManifest = 'application/vnd.oci.image.manifest.v1+json';
export const ociIndex = 'application/vnd.oci.image.index.v1+json';
export const ociConfig = 'application/vnd.oci.image.config.v1+json';
export const ociLayer = 'application/vnd.oci.image.layer.v1.tar+gzip';
export const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json';
export const dockerList = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const dockerConfig = 'application/vnd.docker.container.image.v1+json';

export function digestOf(bytes: Uint8Array | string): OciDigest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Answers a request in place of the registry. `false`: leaves it to the registry. */
export type Fault = (request: Seen, response: ServerResponse, raw: IncomingMessage) => boolean | void;

export interface FakeRegistry {
  /** `127.0.0.1:port`. */
  readonly address: string;
  readonly requests: readonly Seen[];
  /** The next faults, one a request; `undefined` for none. */
  readonly faults: (Fault | undefined)[];
  /** A fault for every request, before the others. */
  always: Fault | undefined;
  blob(content: Uint8Array | string, mediaType?: string): Descriptor;
  manifest(name: string, reference: string, document: unknown, contentType?: string): Descriptor;
  /** An image with one layer, under a tag or by digest alone. */
  image(name: string, options?: ImageOptions): Descriptor & { readonly config: Descriptor; readonly layer: Descriptor };
  index(name: string, tag: string, manifests: readonly object[], mediaType?: string): Descriptor;
  stop(): Promise<void>;
}

export interface ImageOptions {
  readonly tag?: string;
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
  readonly content?: string;
  readonly docker?: boolean;
}

export async function startFakeRegistry(): Promise<FakeRegistry> {
  const blobs = new Map<string, Buffer>();
  const manifests = new Map<string, { readonly bytes: Buffer; readonly contentType: string }>();
  const requests: Seen[] = [];
  const faults: (Fault | undefined)[] = [];

  const answer = (seen: Seen, response: ServerResponse): void => {
    const [, name = '', kind, reference = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/?]+)$/.exec(seen.url) ?? [];
    const found = kind === 'manifests' ? manifests.get(`${name}/${reference}`) : undefined;
    const bytes = kind === 'blobs' ? blobs.get(reference) : found?.bytes;
    if (bytes === undefined) {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ errors: [{ code: 'NOT_FOUND', message: `no ${reference}` }] }));
      return;
    }
    const from = /^bytes=(\d+)-$/.exec(String(seen.headers['range'] ?? ''))?.[1];
    const part = bytes.subarray(Number(from ?? 0));
    response.writeHead(from === undefined ? 200 : 206, {
      'content-type': found?.contentType ?? 'application/octet-stream',
      'content-length': part.length,
      'docker-content-digest': digestOf(bytes),
      ...(from === undefined ? {} : { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
    });
    response.end(part);
  };

  const server = createServer((raw, response) => {
    const chunks: Buffer[] = [];
    raw.on('data', (chunk: Buffer) => chunks.push(chunk));
    raw.on('end', () => {
      const { method = '', url = '', headers } = raw;
      const seen = { method, url, headers, body: Buffer.concat(chunks).toString() };
      requests.push(seen);
      if (registry.always !== undefined && registry.always(seen, response, raw) !== false) return;
      const fault = faults.shift();
      if (fault === undefined || fault(seen, response, raw) === false) answer(seen, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const registry: FakeRegistry = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    faults,
    always: undefined,
    blob(content, mediaType = ociLayer) {
      const bytes = Buffer.from(content);
      const digest = digestOf(bytes);
      blobs.set(digest, bytes);
      return { mediaType, digest, size: bytes.length };
    },
    manifest(name, reference, document, contentType = ociManifest) {
      const bytes = Buffer.from(typeof document === 'string' ? document : JSON.stringify(document));
      const digest = digestOf(bytes);
      for (const key of [reference, digest]) manifests.set(`${name}/${key}`, { bytes, contentType });
      return { mediaType: contentType, digest, size: bytes.length };
    },
    image(name, { tag, os = 'linux', architecture = 'amd64', variant, content = name, docker = false } = {}) {
      const layer = registry.blob(gzipSync(content));
      const rootfs = { type: 'layers', diff_ids: [digestOf(content)] };
      const configText = JSON.stringify({ os, architecture, variant, rootfs });
      const config = registry.blob(configText, docker ? dockerConfig : ociConfig);
      const mediaType = docker ? dockerManifest : ociManifest;
      const document = { schemaVersion: 2, mediaType, config, layers: [layer] };
      return { ...registry.manifest(name, tag ?? 'untagged', document, mediaType), config, layer };
    },
    index: (name, tag, entries, mediaType = ociIndex) =>
      registry.manifest(name, tag, { schemaVersion: 2, mediaType, manifests: entries }, mediaType),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return registry;
}

/** A status, with headers and maybe an explanation in the way of registries. */
export function status(code: number, headers: Readonly<Record<string, string>> = {}, body = ''): Fault {
  return (_request, response) => {
    response.writeHead(code, headers);
    response.end(body);
  };
}

/** Sends so much of the body, then cuts the connection. */
export function cutAfter(bytes: number, body: Uint8Array): Fault {
  return (_request, response) => {
    response.writeHead(200, { 'content-length': body.length });
    response.write(body.subarray(0, bytes), () => setTimeout(() => response.destroy(), 20));
  };
}
