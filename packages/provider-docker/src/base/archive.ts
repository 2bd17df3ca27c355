import * as fs from 'node:fs';
import { BakeError } from '@bakehouse/core/provider';
import { createHashedFile } from '../store/blob-writer.js';
import type { StateFolder } from '../store/state.js';
import { inflate, isGzip } from '../tar/inflate.js';
import { TarError } from '../tar/scan.js';
import { archiveFiles, type Files } from './files.js';
import { namesMatch, openOci } from './oci.js';
import {
  invalidBase,
  ociDigest,
  parseDocument,
  parseImageConfig,
  requirePlatform,
  unknownBase,
  type BaseSource,
} from './source.js';

interface SavedImage {
  readonly Config?: string;
  readonly RepoTags?: readonly string[] | null;
  readonly Layers?: readonly string[];
}

/** Opens an image of an archive: an OCI layout, or what `docker save` wrote; gzipped or not. */
export async function openArchive(
  path: string,
  reference: string | undefined,
  platform: string,
  what: string,
  state: StateFolder,
  signal: AbortSignal,
): Promise<BaseSource> {
  const files = await openFiles(path, what, state, signal);
  try {
    if (files.read('index.json') !== undefined && files.read('oci-layout') !== undefined)
      return openOci(files, reference, platform, what);
    const list = files.read('manifest.json');
    if (list === undefined)
      throw invalidBase(what, 'is not an image archive: it has neither index.json nor manifest.json');
    return openSaved(files, parseDocument(list, `${what}: manifest.json`), reference, platform, what);
  } catch (error) {
    files.close();
    throw error;
  }
}

function openSaved(
  files: Files,
  list: unknown,
  reference: string | undefined,
  platform: string,
  what: string,
): BaseSource {
  if (!Array.isArray(list) || list.length === 0) throw invalidBase(what, 'holds no image');
  const images = list as readonly SavedImage[];
  const named = reference === undefined ? images : images.filter((one) => namesMatch(one.RepoTags ?? [], reference));
  const [image] = named;
  const tags = images.flatMap((one) => one.RepoTags ?? []).sort();
  if (image === undefined) throw unknownBase(`${what} holds no image ${reference}`, `There is: ${tags.join(', ')}`);
  if (named.length > 1)
    throw unknownBase(`${what} holds several images; say which one`, `There is: ${tags.join(', ')}`);
  const configBytes = files.read(image.Config ?? '');
  if (configBytes === undefined) throw invalidBase(what, `lacks its configuration ${image.Config ?? ''}`);
  const id = ociDigest(configBytes);
  // Docker names the configuration by its digest, in either of two ways.
  const promised = /(?:^|\/)([0-9a-f]{64})(?:\.json)?$/.exec(image.Config ?? '')?.[1];
  if (promised !== undefined && id !== `sha256:${promised}`)
    throw invalidBase(what, 'is damaged: its configuration has other bytes');
  const config = parseImageConfig(configBytes, what);
  requirePlatform(config, platform, what);
  const layers = image.Layers ?? [];
  if (layers.length !== config.rootfs.diff_ids.length)
    throw invalidBase(what, `has ${layers.length} layers, but its configuration says ${config.rootfs.diff_ids.length}`);
  return {
    id,
    config,
    configBytes,
    layers: config.rootfs.diff_ids.map((diffId, at) => ({
      diffId,
      read() {
        const stream = files.stream(layers[at] ?? '');
        if (stream === undefined) throw invalidBase(what, `lacks its layer ${layers[at]}`);
        return stream;
      },
    })),
    close: () => {
      files.close();
    },
  };
}

/** A gzipped archive is kept uncompressed in a temporary file until closed: its members are read in any order. */
async function openFiles(path: string, what: string, state: StateFolder, signal: AbortSignal): Promise<Files> {
  const unsafe = (name: string): Error =>
    new BakeError('ERR_BAKE_ARCHIVE_HOSTILE', `${what} holds the name ${name}, which reaches outside`, {
      data: { name },
    });
  const open = (file: string): Files => {
    try {
      return archiveFiles(file, unsafe);
    } catch (error) {
      throw error instanceof TarError ? invalidBase(what, error.message, error) : error;
    }
  };
  if (!startsAsGzip(path)) return open(path);
  const file = createHashedFile(state.temp(), signal);
  try {
    await inflate(fs.createReadStream(path), file, (message, cause) => invalidBase(what, message, cause));
    file.close();
    const files = open(file.path);
    return {
      ...files,
      close: () => {
        files.close();
        file.discard();
      },
    };
  } catch (error) {
    file.discard();
    throw error;
  }
}

function startsAsGzip(path: string): boolean {
  const fd = fs.openSync(path, 'r');
  try {
    const first = Buffer.alloc(2);
    fs.readSync(fd, first, 0, 2, 0);
    return isGzip(first);
  } finally {
    fs.closeSync(fd);
  }
}
