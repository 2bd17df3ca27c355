import * as fs from 'node:fs';
import { hexOf } from '../store/blobs.js';
import type { StateFolder } from '../store/state.js';
import type { FileNode } from './nodes.js';
import type { ViewLayer } from './view.js';

const chunk = 1024 * 1024;

/** The bytes of a file of a stored layer, in pieces. They are the layer's, believed only as far as it was verified. */
export function* readLayerFile(state: StateFolder, layer: ViewLayer, file: FileNode): Generator<Buffer> {
  const fd = fs.openSync(state.blob(hexOf(layer.diffId)), 'r');
  try {
    for (let at = 0; at < file.size;) {
      const buffer = Buffer.allocUnsafe(Math.min(chunk, file.size - at));
      const got = fs.readSync(fd, buffer, 0, buffer.length, file.offset + at);
      if (got === 0) throw new Error(`layer ${layer.diffId} is shorter than its index says`);
      at += got;
      yield buffer.subarray(0, got);
    }
  } finally {
    fs.closeSync(fd);
  }
}
