export { contextFolder, DOCKERFILE_TEMPLATE, dockerfileValues, type DockerfileOptions } from './dockerfile.js';
export { encoders, type Encoder } from './encode.js';
export { compileTemplate, createRenderer, renderTemplate } from './renderer.js';
export type { Rendered, Renderer, Template, TemplateValues } from './renderer.js';
export { builtInTemplates, templateSource, type TemplateSource } from './source.js';
