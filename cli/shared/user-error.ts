/** A user's mistake, told in one message without a stack trace. */
export class UserError extends Error {
  override readonly name = 'Failure';

  constructor(
    message: string,
    readonly exitCode = 1,
  ) {
    super(message);
  }
}
