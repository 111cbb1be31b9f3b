/** The code of an error of the system or of Node, such as `ENOENT`. Not by `instanceof`: it may be another realm's. */
export function errorCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
