/** Bakehouse: layered image definitions in, checked and content-addressed images out. */
export { openProject } from './open.js';
export { openCatalog } from './catalog/open.js';
export { openDirectoryStore } from './catalog/directory-store.js';
export { openMemoryStore } from './catalog/memory-store.js';
export { defineConfig } from './definition/define.js';
export * from './errors/index.js';
export type * from './library.js';
export type * from './definition/types.js';
export type * from './plan/types.js';
export type * from './provider/types.js';
export type * from './catalog/events.js';
export type * from './catalog/state.js';
export type * from './catalog/types.js';
export type * from './catalog/store.js';
export type * from './events/types.js';
export type { Digest, OciDigest, Version } from './plan/digest.js';
export type { Json, JsonObject } from './plan/json.js';
