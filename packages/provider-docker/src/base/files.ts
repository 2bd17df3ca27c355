import * as fs from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../store/state.js';
import { safeName, scanTar } from '../tar/scan.js';

const chunk = 1024 * 1024;
const largestDocument = 16 * 1024 * 1024;

/** Files of an image layout, in a folder or in an archive. */
export interface Files {
  /** A small file whole; `undefined` where there is none. */
  read(name: string): Buffer | undefined;
  /** A file in pieces; `undefined` where there is none. */
  stream(name: string): AsyncIterable<Uint8Array> | undefined;
  close(): void;
}

/** The files of a folder. */
export function folderFiles(root: string): Files {
  return {
    read(name) {
      try {
        return fs.readFileSync(join(root, name));
      } catch (error) {
        if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
        throw error;
      }
    },
    stream(name) {
      const path = join(root, name);
      return fs.existsSync(path) ? fs.createReadStream(path, { highWaterMark: chunk }) : undefined;
    },
    close: () => undefined,
  };
}

/** The files of an uncompressed archive, links among them followed. Throws TarError. */
export function archiveFiles(path: string, unsafe: (name: string) => Error): Files {
  const fd = fs.openSync(path, 'r');
  const found = new Map<string, { offset: number; size: number } | { link: string }>();
  try {
    for (const entry of scanTar(fd, fs.fstatSync(fd).size)) {
      const name = safeName(entry.path);
      if (name === undefined) throw unsafe(entry.path);
      if (entry.type === 'file') found.set(name, { offset: entry.offset, size: entry.size });
      else if (entry.type === 'hardlink') found.set(name, { link: entry.target });
      // `docker save` before 25 writes layers that images share once, and links to them.
      else if (entry.type === 'link') found.set(name, { link: join('/', name, '..', entry.target).slice(1) });
    }
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
  const locate = (name: string): { offset: number; size: number } | undefined => {
    let at = found.get(name);
    for (let links = 0; at !== undefined && 'link' in at && links < 10; links += 1) at = found.get(at.link);
    return at === undefined || 'link' in at ? undefined : at;
  };
  const readAt = (offset: number, size: number): Buffer => {
    const buffer = Buffer.alloc(size);
    const got = fs.readSync(fd, buffer, 0, size, offset);
    return buffer.subarray(0, got);
  };
  return {
    read(name) {
      const at = locate(name);
      return at === undefined || at.size > largestDocument ? undefined : readAt(at.offset, at.size);
    },
    stream(name) {
      const at = locate(name);
      return at === undefined ? undefined : pieces(at.offset, at.size, readAt);
    },
    close: () => {
      fs.closeSync(fd);
    },
  };
}

async function* pieces(
  offset: number,
  size: number,
  readAt: (offset: number, size: number) => Buffer,
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size; at += chunk) yield await Promise.resolve(readAt(offset + at, Math.min(chunk, size - at)));
}
