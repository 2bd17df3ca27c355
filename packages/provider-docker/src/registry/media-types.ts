const oci = 'application/vnd.oci.image';
const docker = 'application/vnd.docker';

const manifestTypes = [`${oci}.manifest.v1+json`, `${docker}.distribution.manifest.v2+json`];
const indexTypes = [`${oci}.index.v1+json`, `${docker}.distribution.manifest.list.v2+json`];
const configTypes = [`${oci}.config.v1+json`, `${docker}.container.image.v1+json`];

/** What to ask a registry for. */
export const acceptManifests: string = [...indexTypes, ...manifestTypes].join(', ');

/** What a media type says that a document is; `undefined` where it says nothing of use. */
export function documentKind(mediaType: string | undefined): 'image' | 'index' | 'schema1' | undefined {
  if (mediaType === undefined) return undefined;
  if (manifestTypes.includes(mediaType)) return 'image';
  if (indexTypes.includes(mediaType)) return 'index';
  return mediaType.startsWith(`${docker}.distribution.manifest.v1+`) ? 'schema1' : undefined;
}

/** The media type of a document that does not say it itself. */
export function defaultMediaType(kind: 'image' | 'index'): string {
  return kind === 'image' ? `${oci}.manifest.v1+json` : `${oci}.index.v1+json`;
}

/** Whether a config is that of a container image, and not of a chart, a module or a signature. */
export function isImageConfig(mediaType: string): boolean {
  return configTypes.includes(mediaType);
}

/** Whether a layer may not be distributed by registries, so that only its `urls` may have it. */
export function isForeign(mediaType: string): boolean {
  return mediaType.startsWith(`${oci}.layer.nondistributable.`) || mediaType.includes('.rootfs.foreign.');
}

/** How a layer is packed, by its media type alone. */
export function compressionOf(mediaType: string): 'none' | 'gzip' | 'zstd' | undefined {
  const [, format] =
    /^application\/vnd\.oci\.image\.layer(?:\.nondistributable)?\.v1\.(tar(?:\+\w+)?)$/.exec(mediaType) ??
    /^application\/vnd\.docker\.image\.rootfs(?:\.foreign)?\.diff\.(tar(?:\.\w+)?)$/.exec(mediaType) ??
    [];
  if (format === 'tar') return 'none';
  if (format === 'tar+gzip' || format === 'tar.gzip') return 'gzip';
  return format === 'tar+zstd' || format === 'tar.zstd' ? 'zstd' : undefined;
}
