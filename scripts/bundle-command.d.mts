/** Writes the `bake` command as one CommonJS file, and its source map. */
export declare function bundleCommand(outfile: string): Promise<void>;
