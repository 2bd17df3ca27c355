import type { Engine, ImageDefinition, Step } from '@bakehouse/core/provider';

const fileSteps = (step: Step): boolean => 'copy' in step || 'fetch' in step;
const lineSteps = (step: Step): boolean => fileSteps(step) || 'run' in step;

/** The assembler: images of copies, downloads and settings, written without any container engine. */
export const assembler: Engine = {
  name: 'assembler',
  revision: 1,
  supports: (image: ImageDefinition) =>
    image.dockerfile === undefined && image.packer === undefined && (image.steps ?? []).every(fileSteps),
};

/** How the docker provider makes images, in order of preference. */
export const engines: readonly Engine[] = [
  assembler,
  {
    name: 'engine',
    revision: 1,
    template: { name: 'docker/Dockerfile.hbs', revision: 1 },
    supports: (image) => image.packer === undefined && (image.steps ?? []).every(lineSteps),
  },
  {
    name: 'packer',
    revision: 1,
    supports: (image) => image.dockerfile === undefined,
  },
];
