import type { Fault, VerifyReport } from '../catalog/types.js';
import { BakeError } from '../errors/bake-error.js';
import { canonicalBuild } from '../catalog/canonical-build.js';
import type { Project } from '../project/types.js';

/** Rehashes the catalog, then the artifacts that the providers keep here. Goes on to the end whatever it finds. */
export async function verify(project: Project, acceptHead: boolean): Promise<VerifyReport> {
  const catalog = await project.readCatalog();
  if (catalog === undefined) {
    throw new BakeError('ERR_BAKE_CATALOG_NOT_FOUND', 'there is no catalog to verify', {
      hint: 'Nothing was baked here yet, or --catalog or BAKE_CATALOG names another place.',
    });
  }
  const report = await catalog.verify({ acceptHead, signal: project.signal });
  const faults: Fault[] = [...report.faults];
  for (const [name, image] of await catalog.images().catch(() => [])) {
    try {
      const history = await catalog.history(name, image);
      for (const record of await history.versions()) {
        const provider = project.targets.get(record.target)?.provider();
        const build = canonicalBuild(record);
        if (!provider?.verify || build === undefined) continue;
        const key = { project: name, image, target: record.target, version: record.version };
        faults.push(...(await provider.verify({ ...key, ...build.artifact, locations: [] }, project.signal)));
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
