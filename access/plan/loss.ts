/** A protection that a plan takes away, before it is put into the list of a change. */
export interface Loss {
  /** What loses it, as ids name it: `key/pipeline-table`, or the address of a resource. */
  readonly of: string;
  /** As people read it. */
  readonly what: string;
  /** Stable name of what is lost: `not-rotated`. */
  readonly loss: string;
  readonly change: string;
}

/** Makes the losses of one resource. */
export const lossOf =
  (kind: string, name: string, what = name) =>
  (loss: string, change: string): Loss => ({ of: `${kind}/${name}`, what, loss, change });
