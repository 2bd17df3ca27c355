import { BakeError } from '../errors/bake-error.js';
import type { RenderResult } from '../library.js';
import { planAll, targetOf } from '../project/plans.js';
import type { Project } from '../project/types.js';

/** What a build of the image would use: a Dockerfile, a Packer template, a list of layers. */
export async function renderImage(project: Project, image: string, target?: string): Promise<RenderResult> {
  const { nodes } = await planAll(project, { images: [image], target });
  const own = nodes.filter((node) => node.image === image);
  const files = await Promise.all(
    own.map(async (node) => {
      const provider = targetOf(project, node.target).provider();
      if (provider.render) return provider.render(node.plan);
      throw new BakeError('ERR_BAKE_CAPABILITY_MISSING', `target ${node.target} cannot show what it would build from`, {
        data: { image, target: node.target },
      });
    }),
  );
  return { files: files.flat() };
}
