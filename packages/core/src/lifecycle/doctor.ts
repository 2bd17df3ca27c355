import { access, constants, statfs } from 'node:fs/promises';
import type { DoctorResult } from '../library.js';
import type { Finding } from '../provider/types.js';
import type { Project } from '../project/types.js';

const gibibyte = 1024 ** 3;

/** Looks at what this project needs: Node, git, the catalog, the disk, and what each provider says of itself. */
export async function doctor(project: Project): Promise<DoctorResult> {
  const providers = [...project.targets.values()].map(async ({ name, provider }) => {
    const findings = (await provider().doctor?.(project.signal)) ?? [];
    return findings.map((finding) => ({ ...finding, name: `${name}: ${finding.name}` }));
  });
  const general = [node(), git(project), catalog(project), disk(project)];
  return { findings: [...(await Promise.all(general)), ...(await Promise.all(providers)).flat()] };
}

async function node(): Promise<Finding> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return { name: 'node', ok, detail: process.versions.node, hint: ok ? null : 'Install Node 20.19 or newer.' };
}

async function git(project: Project): Promise<Finding> {
  const { inside, source, branch } = await project.git();
  const detail = inside
    ? `branch ${branch ?? 'detached'}, commit ${source?.commit.slice(0, 12) ?? 'none'}`
    : 'no repository';
  const hint = inside ? null : 'Without git, history cannot say which commit a version came from.';
  return { name: 'git', ok: true, detail, hint };
}

async function catalog(project: Project): Promise<Finding> {
  try {
    const opened = await project.readCatalog();
    if (opened === undefined) return { name: 'catalog', ok: true, detail: 'empty: nothing was baked yet', hint: null };
    const images = await opened.images();
    return {
      name: 'catalog',
      ok: true,
      detail: `${images.length} ${images.length === 1 ? 'image' : 'images'} recorded`,
      hint: null,
    };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { name: 'catalog', ok: false, detail, hint: 'Look closer with: bake verify' };
  }
}

async function disk(project: Project): Promise<Finding> {
  try {
    await access(project.root, constants.W_OK);
  } catch {
    return { name: 'disk', ok: false, detail: `${project.root} cannot be written`, hint: 'Check its owner and mount.' };
  }
  const { bavail, bsize } = await statfs(project.root);
  const free = (bavail * bsize) / gibibyte;
  const ok = free >= 1;
  return {
    name: 'disk',
    ok,
    detail: `${free.toFixed(1)} GiB free`,
    hint: ok ? null : 'Free some space before you build.',
  };
}
