/** What a tar member is. */
export type TarType = 'file' | 'folder' | 'link' | 'hardlink' | 'device' | 'fifo';

/** Extended attributes: name to value as base64. */
export type Xattrs = Readonly<Record<string, string>>;

/** One member of a tar archive. */
export interface TarEntry {
  /** As written in the archive when read; relative and without a trailing `/` when written. */
  readonly path: string;
  readonly type: TarType;
  /** Permission bits, at most 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content. 0 for all but files. */
  readonly size: number;
  /** Target of a link or hard link, else empty. */
  readonly target: string;
  readonly xattrs?: Xattrs | undefined;
}

/** A member found in an archive. */
export interface ScannedEntry extends TarEntry {
  /** Where its content begins in the archive. */
  readonly offset: number;
}
