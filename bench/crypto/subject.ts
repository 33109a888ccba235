/** A work done once; its result is thrown away. */
export type Run = () => Promise<unknown>;

/** The subjects of a work by name, each made ready for content of so many bytes. */
export type Subjects = Record<string, (bytes: number) => Promise<Run>>;
