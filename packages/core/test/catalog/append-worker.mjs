// Appends events from a process of its own: node append-worker.mjs OPEN_MODULE DIR NAME COUNT
const [, , module, dir, name, count] = process.argv;
const { openCatalog } = await import(module);
const catalog = await openCatalog(dir, { create: true });
for (let i = 0; i < Number(count); i += 1)
  await catalog.append('shop', 'web', { actor: name, run: name, source: null }, () => ({
    type: 'resumed',
    payload: { channel: `${name}-${i}` },
  }));
await catalog[Symbol.asyncDispose]();
