import type { Fault, VerifyReport } from '../catalog/types.js';
import { canonicalBuild } from '../catalog/canonical-build.js';
import type { Project } from '../project/types.js';

/** Rehashes the catalog, then the artifacts that the providers keep here. Goes on to the end whatever it finds. */
export async function verify(project: Project, acceptHead: boolean): Promise<VerifyReport> {
  const catalog = await project.readCatalog();
  if (catalog === undefined) return { blobs: 0, events: 0, faults: [] };
  const report = await catalog.verify({ acceptHead, signal: project.signal });
  const faults: Fault[] = [...report.faults];
  for (const [name, image] of await catalog.images().catch(() => [])) {
    try {
      const history = await catalog.history(name, image);
      for (const record of await history.versions()) {
        const provider = project.targets.get(record.target)?.provider();
        if (!provider?.verify || canonicalBuild(record) === undefined) continue;
        const key = { project: name, image, target: record.target, version: record.version };
        const artifact = await provider.find(key, project.signal);
        if (artifact) faults.push(...(await provider.verify(artifact, project.signal)));
      }
    } catch (error) {
      project.signal.throwIfAborted();
      // What is wrong with a log was named above; an artifact that could not be looked at is a fault of its own.
      const detail = error instanceof Error ? error.message : String(error);
      faults.push({ kind: 'unreadable', where: `${name}/${image}`, detail });
    }
  }
  return { ...report, faults };
}
