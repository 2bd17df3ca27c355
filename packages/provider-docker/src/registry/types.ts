import type { OciDigest, RunProcess } from '@bakehouse/core/provider';
import type { Descriptor as ImageDescriptor } from '../image/types.js';

/** A parsed reference to an image in a registry, normalised as Docker does it. */
export interface Reference {
  /** `docker.io`, `registry.example.com:5000`, `[::1]:5000`: as in references, not as a URL. */
  readonly registry: string;
  /** `library/debian`. */
  readonly repository: string;
  /** Given, or `latest` where neither tag nor digest was given. */
  readonly tag?: string;
  /** Wins over the tag. */
  readonly digest?: OciDigest;
}

/** What names a piece of content. */
export interface Descriptor extends ImageDescriptor {
  /** Where else the bytes may be had: used only for layers that may not be distributed, and checked as all are. */
  readonly urls?: readonly string[];
}

/** The manifest of one image for one platform: OCI manifests and Docker's version 2, schema 2 alike. */
export interface ImageManifest {
  /** Of `bytes`. */
  readonly digest: OciDigest;
  readonly mediaType: string;
  readonly config: Descriptor;
  /** Lowest first. */
  readonly layers: readonly Descriptor[];
  /** As the registry served them: checked against `digest`. */
  readonly bytes: Uint8Array;
}

/** What a movable reference stood for, for one platform. */
export interface ResolvedImage {
  /** The image's identity: the digest of its config. */
  readonly configDigest: OciDigest;
  /** Of the manifest for the platform, never that of an index. */
  readonly manifestDigest: OciDigest;
  /** `registry/repository@sha256:…` with `manifestDigest`: what to pass to {@link RegistryClient.manifest} later. */
  readonly reference: string;
}

/**
 * Reads images from registries: OCI distribution specification 1.1, with Docker's authentication.
 *
 * Every byte is checked against its digest (`ERR_BAKE_REGISTRY_DIGEST`). All methods reject with `ERR_BAKE_SELECTOR_INVALID`
 * (a malformed reference), `ERR_BAKE_BASE_UNKNOWN` (404), `ERR_BAKE_REGISTRY_AUTH` (401, 403),
 * `ERR_BAKE_REGISTRY_UNREACHABLE` (network, no progress), `ERR_BAKE_REGISTRY_RESPONSE` (anything else) and `ERR_BAKE_ABORTED`.
 */
export interface RegistryClient {
  /**
   * Finds the one image that `reference` (`debian:12-slim`, `host:5000/a/b@sha256:…`) means on `platform`
   * (`os/architecture[/variant]`). `ERR_BAKE_BASE_PLATFORM` lists what there is where it has none for that platform.
   */
  resolve(reference: string, platform: string, signal: AbortSignal): Promise<ResolvedImage>;
  /**
   * The manifest of one image; at most 4 MiB. `ERR_BAKE_BASE_INVALID` for an index (resolve it first), for Docker's old
   * schema 1, and for what is not an image.
   */
  manifest(reference: string, signal: AbortSignal): Promise<ImageManifest>;
  /**
   * The bytes of a config or layer of `reference`'s repository, as they are stored (compressed, mostly).
   * Yields while it downloads, so the consumer has a whole and correct blob only when the iteration ends without an error.
   * Goes on where it was after a broken connection. Leaving the iteration early ends the download.
   */
  blob(reference: string, descriptor: Descriptor, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** What a registry client works with. */
export interface RegistryClientOptions {
  /** `HOME`, `DOCKER_CONFIG` and `PATH` find credentials and their helpers. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Runs credential helpers: core's process runner. */
  readonly run: RunProcess;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** Told about an unusable `config.json` or credential helper; the client then goes on without. Default: nobody. */
  readonly warn?: (message: string) => void;
  /** Waits before a retry; rejects when aborted. Default: a timer. */
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** In [0, 1): spreads retries. Default `Math.random`. */
  readonly random?: () => number;
  /** Milliseconds since the epoch: for the life of tokens, and for `Retry-After`. Default `Date.now`. */
  readonly now?: () => number;
  /** Milliseconds without a single byte after which a connection counts as dead. Default 60,000. */
  readonly stallTimeout?: number;
}

/** Makes a client. Touches neither network nor disk before it is used; keeps tokens for its own lifetime. */
export type CreateRegistryClient = (options: RegistryClientOptions) => RegistryClient;
