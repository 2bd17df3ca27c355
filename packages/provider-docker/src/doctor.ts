import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { Finding, ProviderContext } from '@bakehouse/core/provider';

/** What is there to build and look at images with, and what could be. Starts nothing. */
export function examine(context: Pick<ProviderContext, 'stateDir' | 'env'>): readonly Finding[] {
  return [stateFinding(context.stateDir), programFinding(context.env, 'docker'), programFinding(context.env, 'skopeo')];
}

function stateFinding(stateDir: string): Finding {
  let nearest = stateDir;
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  const ok = allowed(nearest, constants.W_OK | constants.X_OK);
  return {
    name: 'image store',
    ok,
    detail: ok ? `${stateDir} can be written` : `${nearest} cannot be written`,
    hint: ok ? null : `Make ${nearest} writable, or point --catalog at a folder that is.`,
  };
}

function programFinding(env: ProviderContext['env'], program: string): Finding {
  const found = (env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .find((path) => allowed(path, constants.X_OK));
  const purpose = program === 'docker' ? 'run images' : 'inspect and copy images';
  return {
    name: program,
    // Neither is needed to build.
    ok: true,
    detail: found ?? 'not found on PATH',
    hint: found === undefined ? `Not needed to build; install ${program} to ${purpose} from here.` : null,
  };
}

function allowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
